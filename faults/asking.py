"""Asking a server from many sides while something is taken from it, and what the answers have in common."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from faults.sites import Site

WAIT_S = 20.0
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Question:
    """A request of one caller; `name` says in the figures what it is."""

    name: str
    path: str
    caller: Mapping[str, str]
    method: str = "GET"
    body: Any = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 where nothing did in 20 s."""

    name: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def told(self) -> Any:
        """Stations with what their ports said and when; ages, which pass by themselves, left out."""
        if self.status != 200 or not self.body.startswith(b"{"):
            return None
        answer = self.json
        rows = answer.get("data", [answer])
        return [(row["station_id"], [_port(port) for port in row.get("ports", ())]) for row in rows]

    @property
    def station_ids(self) -> Any:
        return None if self.told is None else [station_id for station_id, _ in self.told]

    @property
    def degraded(self) -> str:
        return self.headers.get("Portside-Degraded", "")


def _port(port: Mapping[str, Any]) -> tuple[int, str, str | None]:
    return port["port_number"], port["status"]["technical_status"], port["status"]["as_of"]


def get(name: str, path: str, caller: Mapping[str, str], **query: Any) -> Question:
    return Question(name, f"{path}?{urlencode(query, doseq=True)}", caller)


def reply_to(port: int, question: Question) -> Reply:
    """The answer, on a connection of its own."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    body = None if question.body is None else json.dumps(question.body)
    try:
        connection.request(question.method, question.path, body, {**question.caller, **(_JSON if body else {})})
        answer = connection.getresponse()
        status, headers, content = answer.status, dict(answer.getheaders()), answer.read()
    except (OSError, http.client.HTTPException):
        status, headers, content = 0, {}, b""
    finally:
        connection.close()
    return Reply(question.name, status, headers, content, time.monotonic() - began)


def asked_at_once(port: int, questions: Sequence[Question]) -> list[Reply]:
    """All of them at one moment, each by a client of its own."""
    barrier = threading.Barrier(len(questions))

    def ask(question: Question) -> Reply:
        barrier.wait(60)
        return reply_to(port, question)

    with ThreadPoolExecutor(len(questions)) as pool:
        return list(pool.map(ask, questions))


def asked_for(port: int, questions: Sequence[Question], seconds: float, clients: int = 4) -> list[Reply]:
    """Asked in turn by each client for so long, each at least once."""
    until = time.monotonic() + seconds

    def ask(_: int) -> list[Reply]:
        found = [reply_to(port, question) for question in questions]
        while time.monotonic() < until:
            found += [reply_to(port, question) for question in questions]
        return found

    with ThreadPoolExecutor(clients) as pool:
        return [reply for replies in pool.map(ask, range(clients)) for reply in replies]


@dataclass(slots=True)
class Tally:
    """Replies held against what was said when all was well."""

    healthy: Mapping[str, Any]
    replies: list[Reply] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        return {
            "answers": len(self.replies),
            "other_ids": sum(reply.station_ids != self._ids(reply) for reply in self.replies),
            "other_statuses": sum(reply.told != self.healthy[reply.name] for reply in self.replies),
            "errors": sum(reply.status == 0 or reply.status >= 500 for reply in self.replies),
            "failed": dict(Counter(f"{reply.name}: {reply.status}" for reply in self.replies if reply.status != 200)),
            "marked": sum(bool(reply.degraded) for reply in self.replies),
            "max_s": round(max(reply.seconds for reply in self.replies), 3),
            "p99_s": p99(self.replies),
        }

    def _ids(self, reply: Reply) -> list[str]:
        return [station_id for station_id, _ in self.healthy[reply.name]]


def p99(replies: Iterable[Reply]) -> float:
    seconds = sorted(reply.seconds for reply in replies)
    return round(seconds[int(len(seconds) * 0.99)], 3)


def until(running: Site, is_so: Callable[[Reply], bool], questions: Sequence[Question], patience_s: float) -> float:
    """Seconds until all the answers, ten times in a row, are so; more than the patience where they never are."""
    began, in_a_row = time.monotonic(), 0
    since = began
    while in_a_row < 10 and time.monotonic() < began + patience_s:
        replies = [reply_to(running.port, question) for question in questions]
        if not all(map(is_so, replies)):
            in_a_row, since = 0, time.monotonic()
            time.sleep(0.05)
            continue
        in_a_row += 1
    return round(since - began, 2) if in_a_row == 10 else patience_s + 1
