"""Tariff files: for each station its tariff, as an OCPI 2.2.1 Tariff object or in the guide's pricing fields."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from finder.domain.guide_pricing_json import tariff_from_either
from finder.domain.json_reading import Reader
from finder.domain.ocpi_tariff import InvalidTariff
from finder.domain.station import is_station_id
from finder.domain.tariff import Tariff
from finder.imports.json_rows import JsonRow, JsonRows
from finder.imports.rejects import Rejected

SOURCE = "tariffs"

_MEMBERS = frozenset({"station_id", "tariff"})
_LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class StationTariff:
    """The tariff that a line of the file gives a station."""

    line_number: int
    station_id: str
    tariff: Tariff


def read(rows: JsonRows) -> Iterator[StationTariff | Rejected]:
    """The rows `{"station_id": "1:41613", "tariff": {…}}` of an open file, one by one.

    A wrong row is rejected with every fault and its pointer; so is a second one for the same station. Raises
    UnreadableFile where the file cannot be read to its end.
    """
    seen: set[str] = set()
    for row in rows:
        found = _read(row)
        if isinstance(found, StationTariff) and found.station_id in seen:
            found = _rejected(row, "duplicate_station_id", f"{found.station_id} has a tariff further up")
        if isinstance(found, StationTariff):
            seen.add(found.station_id)
        yield found


def of_known_stations(
    rows: Iterable[StationTariff | Rejected], knows: Callable[[str], bool]
) -> Iterator[StationTariff | Rejected]:
    """The rows; those for stations that are not in the catalogue are rejected."""
    for row in rows:
        if isinstance(row, StationTariff) and not knows(row.station_id):
            yield Rejected(row.line_number, "unknown_station", {"station_id": row.station_id, "row": ""})
        else:
            yield row


def _read(row: JsonRow) -> StationTariff | Rejected:
    if row.fault:
        return _rejected(row, "not_json", row.fault)
    if not isinstance(row.value, Mapping):
        return _rejected(row, "not_an_object", "")
    reader = Reader(row.value)
    reader.only(_MEMBERS)
    station_id = reader.required("station_id", _station_id)
    tariff = _tariff(reader)
    if station_id is None or tariff is None or reader.faults:
        told = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in reader.faults)
        return _rejected(row, _reason(reader), told)
    return StationTariff(row.number, station_id, tariff)


def _reason(reader: Reader) -> str:
    member = reader.faults[0]["pointer"].split("/")[1]
    return f"invalid_{member}" if member in _MEMBERS else "unknown_property"


def _tariff(reader: Reader) -> Tariff | None:
    """The tariff; its faults are now the reader's."""
    child = reader.child("tariff")
    if child is None:
        if reader.values.get("tariff") is None:
            reader.fault("tariff", "is required")
        return None
    try:
        return tariff_from_either(child.values, pointer=child.pointer)
    except InvalidTariff as refusal:
        reader.faults.extend(dict(fault) for fault in refusal.errors)
        return None


def _station_id(raw: object) -> str:
    if not isinstance(raw, str) or not is_station_id(raw):
        raise ValueError("must be a station id such as 1:41613")
    return raw


def _rejected(row: JsonRow, reason: str, detail: str) -> Rejected:
    return Rejected(row.number, reason, _cells(row), detail)


def _cells(row: JsonRow) -> dict[str, str]:
    """The row for the file of rejected rows."""
    station_id = row.value.get("station_id") if isinstance(row.value, Mapping) else None
    told = station_id.encode("utf-8", "backslashreplace").decode() if isinstance(station_id, str) else ""
    return {"station_id": told[:_LONGEST_TEXT], "row": row.text[:_LONGEST_TEXT]}
