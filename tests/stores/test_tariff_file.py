"""The reader of tariff files, on small files made here."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finder.domain.tariff import Limit, Tariff, free, simple
from finder.imports.json_rows import open_json
from finder.imports.rejects import Rejected
from finder.imports.table import UnreadableFile
from finder.imports.tariffs import StationTariff, read

PER_HOUR = simple("USD", per_hour=Decimal("1.50"))
GUIDE = {"type": "HOURLY", "currency": "USD", "parts": [{"unit_price_per_hour": 1.50}]}
OCPI = {"currency": "USD", "elements": [{"price_components": [{"type": "TIME", "price": "1.50", "step_size": 1.0}]}]}


def a_row(station_id: Any = "1:41613", tariff: Any = GUIDE, **more: Any) -> str:
    return json.dumps({"station_id": station_id, "tariff": tariff} | more)


def a_file(folder: Path, text: str | bytes, name: str = "tariffs.json") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows_of(path: Path) -> list[StationTariff | Rejected]:
    with open_json(path) as rows:
        return list(read(rows))


def taken(path: Path) -> list[tuple[int, str, Tariff]]:
    return [(r.line_number, r.station_id, r.tariff) for r in rows_of(path) if isinstance(r, StationTariff)]


def rejected(path: Path) -> list[tuple[int, str, str]]:
    return [(r.line_number, r.reason, r.detail) for r in rows_of(path) if isinstance(r, Rejected)]


@pytest.mark.parametrize("tariff", [GUIDE, OCPI])
def test_either_form_of_a_tariff_is_read(tmp_path: Path, tariff: dict[str, Any]) -> None:
    path = a_file(tmp_path, a_row(tariff=tariff) + "\n")

    assert taken(path) == [(1, "1:41613", PER_HOUR)]


def test_each_part_of_the_day_keeps_its_limits(tmp_path: Path) -> None:
    spans = ({"start_time": "08:00:00", "end_time": "18:00:00"}, {"start_time": "18:00:00", "end_time": "08:00:00"})
    parts = [span | {"unit_price_per_hour": 1, "max_price": most} for span, most in zip(spans, (5, 2), strict=True)]
    path = a_file(tmp_path, a_row(tariff={"type": "TIME_OF_DAY", "currency": "USD", "parts": parts}))

    (_, _, tariff) = taken(path)[0]

    assert [part.max_price for part in tariff.part_limits] == [Limit(Decimal(5)), Limit(Decimal(2))]


def test_lines_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"\ufeff{a_row('1:1')}\n\n  {a_row('1:2')}\r\n{a_row('1:3')}")

    assert [(number, station_id) for number, station_id, _ in taken(path)] == [(1, "1:1"), (3, "1:2"), (4, "1:3")]


def test_an_array_is_read_with_the_lines_on_which_its_objects_begin(tmp_path: Path) -> None:
    rows = [{"station_id": f"1:{n}", "tariff": GUIDE} for n in (1, 2)]
    path = a_file(tmp_path, "\n" + json.dumps(rows, indent=1) + "\n")
    lines = path.read_text().splitlines()

    found = taken(path)

    assert [station_id for _, station_id, _ in found] == ["1:1", "1:2"]
    assert all(f'"{station_id}"' in lines[number] and lines[number - 1] == " {" for number, station_id, _ in found)


@pytest.mark.parametrize("text", [a_row() + "\n", f"[{a_row()}]", f"  [ {a_row()}\n]\n"])
def test_a_zipped_file_is_told_by_its_content(tmp_path: Path, text: str) -> None:
    path = a_file(tmp_path, gzip.compress(text.encode()))

    assert [tariff for *_, tariff in taken(path)] == [PER_HOUR]


def test_an_empty_array_holds_nothing(tmp_path: Path) -> None:
    assert rows_of(a_file(tmp_path, "[ ]\n")) == []


def test_prices_keep_their_decimals(tmp_path: Path) -> None:
    tariff = '{"type": "KWH", "currency": "USD", "parts": [{"unit_price_per_kwh": 0.123456789012345678}]}'
    path = a_file(tmp_path, f'{{"station_id": "1:1", "tariff": {tariff}}}\n')

    assert taken(path)[0][2] == simple("USD", per_kwh=Decimal("0.123456789012345678"))


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    path = a_file(tmp_path, "".join(a_row(f"1:{n}") + "\n" for n in range(5000)))

    with open_json(path) as rows:
        next(read(rows))
        assert 0 < rows.read_bytes < rows.size_bytes / 10


WRONG = [
    (a_row("41613"), "invalid_station_id", "/station_id must be a station id such as 1:41613"),
    (a_row(41613), "invalid_station_id", "/station_id must be a station id such as 1:41613"),
    (a_row("\ud800"), "invalid_station_id", "/station_id must be a station id such as 1:41613"),
    (a_row(None), "invalid_station_id", "/station_id is required"),
    (a_row(tariff=None), "invalid_tariff", "/tariff is required"),
    (a_row(tariff="free"), "invalid_tariff", "/tariff must be an object"),
    (a_row(tariff=OCPI | {"currency": "$"}), "invalid_tariff",
     "/tariff/currency must be an ISO 4217 code such as EUR"),
    (a_row(tariff={"type": "KWH", "currency": "USD", "parts": [{"min_price": -1}]}), "invalid_tariff",
     "/tariff/parts/0/unit_price_per_kwh is required for KWH; /tariff/parts/0/min_price must not be negative"),
    (a_row(port_number=1), "unknown_property", "/port_number is not a known property"),
    ("[1]", "not_an_object", ""),
    ('{"station_id": "1:1",}', "not_json", "is not JSON"),
    ('{"station_id": NaN}', "not_json", "is not JSON: NaN"),
    ('{"station_id": "1:1", "station_id": "1:2"}', "not_json", "says one property twice"),
    (a_row() + a_row(), "not_json", "goes on after its value"),
    ('{"a": 1e99999999999999999999}', "not_json", "holds a number out of all reason"),
    ('{"a": ' + "9" * 5000 + "}", "not_json", "holds a number out of all reason"),
    ('{"a": ' + "[" * 100_000 + "}", "not_json", "is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason", "detail"), WRONG, ids=[f"{n} {case[1]}" for n, case in enumerate(WRONG)])
def test_a_wrong_row_is_rejected_with_every_reason(tmp_path: Path, line: str, reason: str, detail: str) -> None:
    path = a_file(tmp_path, f"{a_row('1:7')}\n{line}\n{a_row('1:8')}\n")

    (number, why, told) = rejected(path)[0]

    assert (number, why) == (2, reason)
    assert told.startswith(detail)
    assert len(taken(path)) == 2


def test_a_second_tariff_for_a_station_is_rejected(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"{a_row('1:7')}\n{a_row('1:7', OCPI)}\n")

    assert rejected(path) == [(2, "duplicate_station_id", "1:7 has a tariff further up")]


def test_a_rejected_row_can_be_written_down(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"{a_row('1:7')}\n{a_row(chr(0xD800))}\n")

    row = next(r.row for r in rows_of(path) if isinstance(r, Rejected))

    assert row["station_id"].encode() == b"\\ud800"
    assert row["row"].startswith('{"station_id"')


ZIPPED = gzip.compress(a_row().encode() * 50)
UNREADABLE = [
    ("", "is empty"),
    (" \n\n", "is empty"),
    ("station_id,tariff\n", "is not JSON: it begins with 'station_id,tariff'"),
    ('{\n "station_id": "1:1"\n}\n', "is neither one JSON object per line nor a JSON array: line 1 is not JSON"),
    (f"{a_row('1:1')}\n{a_row('1:2')[:-5]}", "is cut off: fetch it again"),
    (f"[{a_row('1:1')},\n{a_row('1:2')[:-5]}", "is cut off: fetch it again"),
    (f"[{a_row('1:1')},", "is cut off: fetch it again"),
    (f"[{a_row('1:1')}", "is cut off: fetch it again"),
    (f"[{a_row('1:1')}\n{a_row('1:2')}]", "is not JSON: the value at line 2 has no comma or ] after a value"),
    (f"[{a_row('1:1')}\n,,{a_row('1:2')}]", "is not JSON: the value at line 2 is not JSON"),
    (f"[{a_row('1:1')}]\n[]", "goes on after its array at line 1"),
    (ZIPPED[:-12], "is cut off: fetch it again"),
    (a_row().encode("utf-16"), "is not UTF-8 text near line 1"),
    (b'{"station_id": "\xc3', "is cut off: fetch it again"),
    ('{"a": "' + "a" * (1 << 20), "is not JSON: line 1 never ends"),
]


@pytest.mark.parametrize(("text", "why"), UNREADABLE)
def test_an_unreadable_file_is_refused_with_one_clear_line(tmp_path: Path, text: str | bytes, why: str) -> None:
    path = a_file(tmp_path, text)

    with pytest.raises(UnreadableFile) as refusal:
        rows_of(path)

    line = str(refusal.value)
    assert line.startswith(f"tariffs.json {why}")
    assert line.endswith(". Nothing was imported.")
    assert "\n" not in line


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        rows_of(tmp_path)


def test_free_is_a_tariff(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_row(tariff={"type": "NONE", "currency": "EUR", "parts": [{}]}))

    assert taken(path)[0][2] == free("EUR")
