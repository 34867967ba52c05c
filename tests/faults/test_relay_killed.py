"""A relay killed in the middle of a batch: the next one hands on all that it had, under the same ids, in order."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.clock import SystemClock
from kernel.outbox import announce, events_after
from kernel.relay import AT_ONCE, Relay, Subscription
from tests.conftest import NOW
from tests.live import ROOT

SUBJECTS, EVENTS, STUCK_AT = 7, AT_ONCE + 50, AT_ONCE + 20  # in the middle of the second batch


@contextmanager
def stuck_relay(url: str, notes: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A relay process that has noted so many events and goes no further."""
    command = [sys.executable, "-m", "tests.faults.relaying", url, str(notes), str(STUCK_AT)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        until = time.monotonic() + 60
        while not notes.exists() or len(notes.read_text().splitlines()) < STUCK_AT:
            assert process.poll() is None, "the relay ended by itself"
            assert time.monotonic() < until, "the relay never got that far"
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait(60)


def test_the_next_relay_hands_on_what_a_killed_one_had(empty_url, database, tmp_path) -> None:
    with database.writing() as session:
        for number in range(EVENTS):
            announce(session, topic="moved", subject=f"{number % SUBJECTS}", payload={}, at=NOW)
    with stuck_relay(empty_url, tmp_path / "notes"):
        pass  # killed when the block is left, with its transaction open

    again: list[tuple[int, str]] = []
    note = Subscription("", lambda event: again.append((event.event_id, event.subject)))
    Relay(database, SystemClock(), [note]).send()

    first = [(int(one), subject) for one, _, subject in (line.partition(" ") for line in notes_in(tmp_path))]
    twice = set(first) & set(again)
    assert len(set(first) | set(again)) == EVENTS
    assert twice == set(first[AT_ONCE:]), "what was in the batch is told again, and nothing else"
    for history in (first, again):
        assert history == sorted(history)
    with database.reading() as session:
        assert len(events_after(session, 0, [""], EVENTS + 1)) == EVENTS


def notes_in(directory: Path) -> list[str]:
    return (directory / "notes").read_text().splitlines()
