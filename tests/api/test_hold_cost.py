"""What a hold costs the database: how many statements, whatever else there is."""

import pytest

from kernel.database import Database
from kernel.services import of
from tests.api.reservation_words import WISH, a_driver, held, later
from tests.conversation import Conversation
from tests.statements import counted

STATEMENTS = {
    "postgresql": [
        "FROM tokens",
        "FROM station_changes",
        "FOR NO KEY UPDATE",
        "AS is_taken",
        "INSERT INTO reservations",
    ],
    "sqlite": [
        *("FROM tokens", "FROM station_changes", "AS is_taken"),
        *("INSERT INTO reservations", "INSERT INTO reservation_history", "INSERT INTO outbox"),
    ],
}


@pytest.fixture
def driver(api: Conversation) -> Conversation:
    """One who has held a port before: the station is known."""
    made = api.as_driver()
    held(made, port_number=1)
    return made


def sent_for_a_hold(app, driver: Conversation, **changes) -> list[str]:
    """But for what a process looks at once a second, whoever asks for what."""
    with counted(of(app, Database)) as sent:
        held(driver, **changes)
    return [" ".join(one.split()) for one in sent if "maintenance" not in one and not one.startswith("BEGIN")]


def test_a_hold_takes_these_statements(app, driver) -> None:
    expected = STATEMENTS[of(app, Database).engine.dialect.name]

    sent = sent_for_a_hold(app, driver, port_number=1, start=later(hours=7))

    assert len(sent) == len(expected), sent
    assert all(part in one for part, one in zip(expected, sent, strict=True)), sent


def test_what_others_hold_changes_nothing_about_that(app, api, driver) -> None:
    alone = sent_for_a_hold(app, driver, port_number=1, start=later(hours=7))
    for number in range(3):
        other = a_driver(app, api, f"driver {number}", f"card {number}")
        held(other, port_number=1, card=f"card {number}", start=later(hours=8 + number))

    assert sent_for_a_hold(app, driver, port_number=1, start=later(hours=20)) == alone


def test_the_answer_to_a_hold_is_what_the_reservation_reads(driver) -> None:
    answer = driver.post("/v1/reservations", WISH | {"port_number": 1, "start": later(hours=7)})

    read = driver.get(answer.headers["Location"])

    assert answer.json == read.json
    assert (answer.status_code, answer.mimetype) == (201, read.mimetype)
