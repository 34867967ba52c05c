"""A relay as a process: it notes each event in a file, and stops for good in the middle of a batch where told to.

python -m tests.faults.relaying DATABASE_URL FILE STUCK_AT
"""

import sys
import time
from pathlib import Path

from kernel.clock import SystemClock
from kernel.database import Database
from kernel.outbox import Event
from kernel.relay import Relay, Subscription


def main(url: str, file: str, stuck_at: str) -> None:
    heard = 0

    def hear(event: Event) -> None:
        nonlocal heard
        heard += 1
        with Path(file).open("a") as notes:
            notes.write(f"{event.event_id} {event.subject}\n")
        while heard == int(stuck_at):
            time.sleep(1)

    relay = Relay(Database(url), SystemClock(), [Subscription("", hear)])
    while True:
        relay.send()
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
