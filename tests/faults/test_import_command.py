"""`import afdc` as a process: real files accounted to the row, and files that cannot be read leave nothing behind."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.database import Database
from tests.live import ROOT
from tests.stores.test_afdc_reader import CITY_HALL, CUT_DOWN, LIBRARY, NATIONAL, NEW_YORK, real


class Shell:
    """A command line with a database of its own."""

    def __init__(self, url: str, var: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTSIDE_")}
        own = {"PORTSIDE_DATABASE_URL": url, "PORTSIDE_VAR": str(var), "PYTHONPATH": str(ROOT)}
        self._environ, self._url = kept | own, url

    def imports(self, path: Path, *options: str) -> tuple[int, str, str]:
        """Exit code, what was said, and what was said on stderr."""
        command = [sys.executable, str(ROOT / "app.py"), "import", "afdc", str(path), *options]
        done = subprocess.run(command, env=self._environ, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout, done.stderr

    def stations(self) -> int:
        database = Database(self._url)
        with database.reading() as session:
            count = session.connection().exec_driver_sql("SELECT count(*) FROM stations WHERE removed_at IS NULL")
            number = int(count.scalar_one())
        database.close()
        return number


@pytest.fixture
def shell(empty_url, tmp_path) -> Shell:
    return Shell(empty_url, tmp_path / "var")


def test_new_york_is_imported_to_the_row_and_again_changes_nothing(shell) -> None:
    path = real(NEW_YORK)

    code, said, complaints = shell.imports(path)
    again = shell.imports(path, "--complete")

    first = "4,857 rows read = 4,736 added + 0 changed + 0 unchanged + 121 skipped + 0 rejected"
    assert (code, complaints, said.splitlines()[:1]) == (0, "", [first])
    then = "4,857 rows read = 0 added + 0 changed + 4,736 unchanged + 121 skipped + 0 rejected"
    assert (again[0], again[2], again[1].splitlines()[:1]) == (0, "", [then])
    assert shell.stations() == 4736


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_the_national_file_is_accounted_for_to_the_row(shell) -> None:
    code, said, complaints = shell.imports(real(NATIONAL))

    assert (code, complaints) == (0, "")
    numbers = [int(word.replace(",", "")) for word in said.splitlines()[0].split() if word[0].isdigit()]
    read, added, changed, unchanged, skipped, rejected = numbers
    assert (read, changed, unchanged) == (50_270, 0, 0)
    assert read == added + skipped + rejected
    assert shell.stations() == added


GOOD = CUT_DOWN + CITY_HALL + LIBRARY
BAD = {
    "cut off": gzip.compress((GOOD * 1000).encode())[:-20],
    "not CSV": b"<!DOCTYPE html><html><title>503 Service Unavailable</title></html>",
    "another encoding": (GOOD + "Caf\xe9,12208,42.66,-73.78,9\n").encode("latin-1"),
    "columns missing": b"Station Name,ZIP,Latitude,ID\nCity Hall,12207,42.6526,7\n",
}


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_cannot_be_read_is_one_line_and_no_station(shell, tmp_path, kind) -> None:
    path = tmp_path / "stations.csv"
    path.write_bytes(BAD[kind])

    code, said, complaint = shell.imports(path, "--complete", "--force")

    assert code != 0
    assert (said, complaint.count("\n")) == ("", 1)
    assert "stations.csv" in complaint
    assert "Nothing was imported." in complaint
    assert shell.stations() == 0


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_a_real_file_cut_off_in_the_middle_leaves_nothing(shell, tmp_path) -> None:
    whole = real(NEW_YORK).read_bytes()
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(whole[: len(whole) * 2 // 3])

    code, said, complaint = shell.imports(path)

    assert (code != 0, said, complaint.count("\n")) == (True, "", 1)
    assert shell.stations() == 0
