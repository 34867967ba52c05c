"""The product with a fault built in, as a server: what the tests of races and kills must notice.

FAULT is `unguarded` (nobody locks the port) or `stuck` (the first hold never ends once it has locked its port, and
leaves the number of its process in the file STUCK).
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier, BrokenBarrierError

from flask import Flask
from sqlalchemy.orm import Session

from app import create_app
from kernel.services import of, provide
from kernel.serving import serve
from kernel.settings import Settings, read_settings
from kernel.window import Window
from reservations.desk import ReservationDesk


def make_app(settings: Settings) -> Flask:
    app = create_app(settings)
    provide(app, _doctored(of(app, ReservationDesk), os.environ["FAULT"]))
    return app


def _doctored(desk: ReservationDesk, fault: str) -> ReservationDesk:
    if fault == "stuck":
        return replace(desk, lock_port=lambda session, port_id: _stuck(desk, session, port_id))
    unlocked = replace(desk, lock_port=lambda *_: None)
    if desk.database.engine.dialect.name == "postgresql":
        return replace(unlocked, find_overlap=_in_pairs(desk))
    return replace(unlocked, find_overlap=lambda *_: False)  # SQLite has one writer at a time: the check is the lock


def _in_pairs(desk: ReservationDesk) -> Callable[[Session, int, Window, datetime], bool]:
    """Who sees a free port waits for another who sees the same, as they may without a lock; then both go on."""
    pair = Barrier(2)

    def find_overlap(session: Session, port_id: int, window: Window, now: datetime) -> bool:
        is_taken = desk.find_overlap(session, port_id, window, now)
        if not is_taken:
            with suppress(BrokenBarrierError):
                pair.wait(timeout=2)
        return is_taken

    return find_overlap


def _stuck(desk: ReservationDesk, session: Session, port_id: int) -> None:
    desk.lock_port(session, port_id)
    place = Path(os.environ["STUCK"])
    try:
        with place.open("x") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return
    while True:
        time.sleep(1)


def main() -> None:
    settings = read_settings(os.environ)
    serve(
        settings,
        make_app=lambda: make_app(settings),
        prepare=lambda: None,
        announce=lambda: None,
        worker_command=[sys.executable, "-c", "import time; time.sleep(3600)"],
    )


if __name__ == "__main__":
    main()
