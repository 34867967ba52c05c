"""Many rows at once: whatever is in their texts and documents comes back as it was."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError

from finder.tables import StatusReportRow
from kernel.bulk import Rows, insert_rows
from kernel.database import Database
from kernel.outbox import OutboxRow, events

NOON = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
TEXTS = ['"', "\\", '\\"', "\\n", "a\nb\tc", "{1,2}", ",", "NULL", "null", "", " ", "ü€😀", "'; --", "\x7f", "%s", None]


def log(words: list[str | None]) -> Rows:
    many = len(words)
    columns = {
        "port_id": range(many),
        "technical_status": ["faulted"] * many,
        "error_code": words,
        "reported_at": [NOON] * many,
        "sequence": [2**53 - 1] * many,
        "received_at": [NOON] * many,
        "clamped": [number % 2 == 0 for number in range(many)],
    }
    return Rows(StatusReportRow, {name: list(values) for name, values in columns.items()})


@pytest.mark.parametrize("words", [TEXTS, ["plain", None], *[[text] for text in TEXTS]])
def test_texts_come_back_as_they_were(database: Database, words: list[str | None]) -> None:
    with database.writing() as session:
        insert_rows(session, log(words))

    row = StatusReportRow
    with database.reading() as session:
        found = session.execute(
            select(row.error_code, row.reported_at, row.sequence, row.clamped).order_by(row.port_id)
        )
        expected = [(word, NOON, 2**53 - 1, number % 2 == 0) for number, word in enumerate(words)]
        assert list(map(tuple, found)) == expected


def test_documents_come_back_as_they_were(database: Database) -> None:
    payload = {"texts": TEXTS, "inner": {"one": 1.5, "yes": True, "at": "x\ny"}}

    with database.writing() as session:
        insert_rows(session, events(topic="t", about=[("a", payload), ("b", {})], at=NOON))

    with database.reading() as session:
        found = session.execute(select(OutboxRow.subject, OutboxRow.payload).order_by(OutboxRow.id))
        assert list(map(tuple, found)) == [("a", payload), ("b", {})]


def test_what_is_too_long_is_refused_and_not_cut_off(database: Database) -> None:
    if database.has_one_writer:
        pytest.skip("SQLite knows no lengths")

    with pytest.raises(DataError), database.writing() as session:
        insert_rows(session, log(["x" * 61]))


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.writing() as session:
        insert_rows(session, log([]), Rows(StatusReportRow, {}))
