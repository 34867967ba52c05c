"""The table of statuses: every word of OCPP 1.6, OCPP 2.0.1, OCPI and the guide, read and told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.status import Report, Status, TechnicalStatus, status_of, technical_status_of, words_of

# The table of the API's contract: technical status | status | OCPP 1.6 | OCPP 2.0.1 | OCPI | guide.
TABLE = """
available            | AVAILABLE      | Available     | Available   | AVAILABLE                    | AVAILABLE
preparing            | IN_USE         | Preparing     | Occupied    | —                            | INUSE
charging             | IN_USE         | Charging      | Occupied    | CHARGING                     | INUSE
paused               | IN_USE         | SuspendedEVSE | Occupied    | —                            | INUSE
completed            | IN_USE         | SuspendedEV   | Occupied    | —                            | INUSE
finishing            | IN_USE         | Finishing     | Occupied    | —                            | INUSE
available + reserved | AVAILABLE      | Reserved      | Reserved    | RESERVED                     | AVAILABLE
faulted              | OUT_OF_SERVICE | Faulted       | Faulted     | OUTOFORDER                   | UNKNOWN
unavailable          | OUT_OF_SERVICE | Unavailable   | Unavailable | INOPERATIVE, BLOCKED, PLANNED | UNKNOWN
offline              | UNREACHABLE    | —             | —           | UNKNOWN                      | UNREACHABLE
unknown              | UNKNOWN        | —             | —           | UNKNOWN                      | UNKNOWN
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
AMBIGUOUS = {"Occupied": "charging", "INUSE": "charging", "UNKNOWN": "unknown"}
MEANINGS = [
    (word, AMBIGUOUS.get(word, technical.removesuffix(" + reserved")))
    for technical, _, *vocabularies in ROWS
    for cell in vocabularies
    for word in cell.split(", ")
    if word != "—"
]
KNOWN = {word.lower() for word, _ in MEANINGS} | {word.value for word in TechnicalStatus}


@pytest.mark.parametrize(("word", "technical_status"), MEANINGS)
def test_every_word_of_the_table_is_read(word, technical_status) -> None:
    assert technical_status_of(word) == technical_status


@pytest.mark.parametrize(("technical_status", "status"), [row[:2] for row in ROWS if "+" not in row[0]])
def test_every_technical_status_is_told_as_the_table_says(technical_status, status) -> None:
    assert status_of(TechnicalStatus(technical_status)) == status


def test_the_table_is_total() -> None:
    assert {row[0] for row in ROWS if "+" not in row[0]} == {word.value for word in TechnicalStatus}
    assert {row[1] for row in ROWS} == {status.value for status in Status}


@pytest.mark.parametrize("technical_status", TechnicalStatus)
def test_a_technical_status_reads_as_itself(technical_status) -> None:
    assert technical_status_of(technical_status.value) is technical_status


@pytest.mark.parametrize(("word", "status"), [(word, row[1]) for row in ROWS for word in (row[2], row[3])])
def test_a_word_of_ocpp_is_never_told_as_another_status_than_its_row(word, status) -> None:
    assert word == "—" or status_of(technical_status_of(word)) == status


@pytest.mark.parametrize("word", ["suspended_ev", "SUSPENDED EV", "Suspended-EV", "suspendedEV"])
def test_case_and_separators_do_not_matter(word) -> None:
    assert technical_status_of(word) is TechnicalStatus.COMPLETED


@pytest.mark.parametrize("word", ["", " ", "busy", "REMOVED", "available2", "not available", "Available!", "частично"])
def test_anything_else_is_unknown(word) -> None:
    assert technical_status_of(word) is TechnicalStatus.UNKNOWN


@given(st.text())
def test_no_word_is_refused_and_only_those_of_the_table_mean_something(word: str) -> None:
    folded = word.lower().replace(" ", "").replace("_", "").replace("-", "")

    assert (technical_status_of(word) is TechnicalStatus.UNKNOWN) or folded in KNOWN


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_status_is_told_in_the_words_of_the_table(row) -> None:
    technical, reserved = row[0].removesuffix(" + reserved"), row[0].endswith("reserved")

    words = words_of(TechnicalStatus(technical), reserved=reserved)

    first = [cell.split(", ")[0] for cell in row[2:]]
    ocpi = "CHARGING" if first[2] == "—" else first[2]  # OCPI has one word for every way of being in use
    assert [words.ocpp_16 or "—", words.ocpp_201 or "—", words.ocpi, words.guide] == [
        first[0],
        first[1],
        ocpi,
        first[3],
    ]


@pytest.mark.parametrize("technical_status", [one for one in TechnicalStatus if one not in ("offline", "unknown")])
def test_what_is_told_in_ocpp_is_read_back_as_the_same_status(technical_status) -> None:
    words = words_of(technical_status)

    assert status_of(technical_status_of(words.ocpp_16)) is status_of(technical_status_of(words.ocpp_201))
    assert status_of(technical_status_of(words.ocpp_16)) is status_of(technical_status)
    assert technical_status_of(words.ocpp_16) is technical_status


def test_no_word_means_different_things_in_two_vocabularies() -> None:
    meant: dict[str, set[str]] = {}
    for row in ROWS:
        for cell in row[2:5]:
            for word in cell.split(", "):
                meant.setdefault(word.lower(), set()).add(row[1])

    assert {word: sorted(told) for word, told in meant.items() if len(told) > 1 and word not in ("—", "unknown")} == {}


@pytest.mark.parametrize("word", ["Reserved", "RESERVED", "reserved"])
def test_a_charger_that_says_reserved_is_available_and_reserved(word) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    said = Report(technical_status_of(word), noon, 0, noon, noon, raw_status=word)

    assert (status_of(said.technical_status), said.says_reserved) == (Status.AVAILABLE, True)
