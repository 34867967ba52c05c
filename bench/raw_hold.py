"""The floor of a hold: the very statements of the product's holds, sent again by psycopg and nothing else.

`python -m bench.raw_hold RECORD_URL REPLAY_URL REDIS_URL FILE`: makes the holds that FILE tells on one copy of the
database and takes down their statements. Then, for every line on stdin: `empty` empties the other copy, and a number
of seconds sends the statements there over eight connections for so long and says how many holds a second that was.
"""

import json
import pickle
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event, make_url

from app import create_app
from kernel.database import Database
from kernel.settings import read_settings

CONNECTIONS = 8
Statement = tuple[str, Any]
Line = psycopg.Connection[Any]  # kept from round to round, with the statements that it has prepared


def recorded(database_url: str, redis_url: str, holds: list[tuple[str, bytes]]) -> list[list[Statement]]:
    """The statements of every hold, in order."""
    with tempfile.TemporaryDirectory() as var:
        settings = {"PORTSIDE_VAR": var, "PORTSIDE_DATABASE_URL": database_url, "PORTSIDE_REDIS_URL": redis_url}
        app = create_app(read_settings(settings))
        database: Database = app.extensions["portside"][Database]
        taken: list[Statement] = []
        _listen(database, taken)
        client, found = app.test_client(), list[list[Statement]]()
        for token, body in holds:
            taken.clear()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            answer = client.post("/v1/reservations", data=body, headers=headers)
            assert answer.status_code == 201, answer.text
            found.append(taken[:])
        database.close()
    return found


def _listen(database: Database, taken: list[Statement]) -> None:
    engine: Any = database.engine
    for name in ("begin", "commit", "rollback"):
        event.listen(engine, name, partial(_take_bound, taken, name.upper()))
    event.listen(engine, "before_cursor_execute", lambda c, u, sql, values, *_: taken.append((sql, values)))


def _take_bound(taken: list[Statement], word: str, connection: Any) -> None:
    """A transaction's bounds are sent to the server; where each statement stands by itself there are none."""
    if not connection.connection.dbapi_connection.autocommit:
        taken.append((word, None))


def replay(lines: list[Line], scripts: list[list[Statement]], numbers: Iterator[int], seconds: float) -> float:
    """How many holds a second were sent, until the time is over or there are no more."""
    done: list[float] = []
    threads = [threading.Thread(target=_send, args=(line, scripts, numbers, seconds, done)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def _send(
    line: Line, scripts: list[list[Statement]], numbers: Iterator[int], seconds: float, done: list[float]
) -> None:
    holds, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds and (number := next(numbers)) < len(scripts):
        for sql, values in scripts[number]:
            line.execute(sql, values)
        holds += 1
    done.append(holds / (time.perf_counter() - began))


def main(record_url: str, replay_url: str, redis_url: str, file: str) -> None:
    scripts = recorded(record_url, redis_url, pickle.loads(Path(file).read_bytes()))  # noqa: S301 - written by the bench
    print(json.dumps([sql for sql, _ in scripts[-1]]), flush=True)
    lines = [psycopg.connect(_plain(replay_url), autocommit=True) for _ in range(CONNECTIONS)]
    for word in map(str.strip, sys.stdin):
        print(emptied(replay_url) if word == "empty" else replay(lines, scripts, count(), float(word)), flush=True)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def emptied(url: str) -> int:
    """Take all reservations out of a database."""
    with psycopg.connect(_plain(url)) as connection:
        connection.execute("TRUNCATE reservations, outbox CASCADE")
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
