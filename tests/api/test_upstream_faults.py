"""What an upstream sends instead of its stations removes none, and is one clear line; a whole file removes."""

import gzip
from pathlib import Path

import pytest
from flask import Flask

from tests.conversation import Conversation
from tests.stores.test_afdc_reader import CUT_DOWN

ROWS = [f"Corner {number},12207,42.6526,-73.7562,{number}\n" for number in range(1, 21)]
WHOLE = (CUT_DOWN + "".join(ROWS)).encode()
SENT = {
    "nothing": b"",
    "a header alone": CUT_DOWN.encode(),
    "an error page": b"<!DOCTYPE html><html><title>503 Service Unavailable</title></html>",
    "an error page over many lines": b"<html>\n<body>Sorry, we, are, away\n</body></html>\n",
    "a download cut off": gzip.compress(WHOLE)[:-9],
    "a last row cut off": WHOLE[:-25],
    "garbage": bytes(range(256)) * 40,
    "rows of nonsense": (CUT_DOWN + "?,?,?,?,?\n" * 20).encode(),
    "11 % less": (CUT_DOWN + "".join(ROWS[:17])).encode(),
    "half": (CUT_DOWN + "".join(ROWS[:10])).encode(),
}
EVEN_FORCED = ("nothing", "a header alone", "an error page", "a download cut off", "garbage", "rows of nonsense")


@pytest.fixture
def imports(app: Flask, tmp_path: Path):
    """Imports a file as a whole catalogue; exit code and what was said."""

    def run(sent: bytes, *options: str) -> tuple[int, str]:
        path = tmp_path / "stations.csv"
        path.write_bytes(sent)
        ended = app.test_cli_runner().invoke(args=["import", "afdc", str(path), "--complete", *options])
        return ended.exit_code, ended.output

    assert run(WHOLE)[0] == 0
    return run


def listed(app: Flask) -> set[str]:
    rows = Conversation(app).get("/v1/stations", network="100", limit=200).json["data"]
    return {row["station_id"] for row in rows}


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "options"), [(kind, ()) for kind in SENT] + [(kind, ("--force",)) for kind in EVEN_FORCED]
)
def test_what_is_no_whole_file_removes_nothing_and_says_so(app, imports, kind, options) -> None:
    code, said = imports(SENT[kind], *options)

    complaints = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert code != 0
    assert len(complaints) == 1
    assert "Nothing was" in complaints[0]
    assert len(listed(app)) == 20


def test_a_whole_file_without_a_station_removes_that_one(app, imports) -> None:
    code, said = imports((CUT_DOWN + "".join(ROWS[1:])).encode())

    assert code == 0
    assert "1 stations removed: they are no longer in the file" in said
    assert len(listed(app)) == 19


def test_a_station_whose_row_is_wrong_is_not_removed(app, imports) -> None:
    spoilt = ROWS[0].replace("42.6526", "far away")

    code, said = imports((CUT_DOWN + spoilt + "".join(ROWS[2:])).encode())

    assert code == 0
    assert "1 rejected" in said
    assert {"100:1", "100:2"} - listed(app) == {"100:2"}
