"""The live stream of a running server: handed over without a trace, resumed after kills, ended in order."""

import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

import pytest

from tests.browser.reports import report
from tests.conftest import fill_with_guide
from tests.databases import SqliteTemplates
from tests.live import serving_process
from tests.processes import family, is_running
from tests.streaming import Follower, Heard, follow, follow_once_there

HQ14 = "1:41613"
STILL = {"PORTSIDE_DEMO": "off", "PORTSIDE_DEMO_MOVES": "off"}  # nobody reports but the tests
_WAIT_S = 60.0


class Site:
    """A running server whose streams may be many; `words` alternate so that each report is a change."""

    def __init__(self, base: str, pid: int) -> None:
        self.base = base
        self.pid = pid
        self._word = False

    def change(self) -> str:
        """HQ14's first port becomes something else; returns what."""
        self._word = not self._word
        report(self.base, HQ14, 1, "charging" if self._word else "available", datetime.now(UTC))
        return "charging" if self._word else "available"

    def child(self, name: str) -> int | None:
        return next((pid for pid in family(self.pid)[1:] if _command(pid).endswith(name) and is_running(pid)), None)

    def web_workers(self) -> list[int]:
        return [pid for pid in family(self.pid)[1:] if _command(pid).endswith("serve")]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()


def _open_files(pids: list[int]) -> int:
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def _eventually(true: Callable[[], object]) -> None:
    until = time.monotonic() + _WAIT_S
    while not true():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(0.05)


@contextmanager
def _serving(folder: Path, **settings: str) -> Iterator[tuple[str, Popen[bytes]]]:
    """A server of the guide's stations in this folder, and its process."""
    url = f"sqlite:///{SqliteTemplates(folder).make('guide', fill_with_guide)}"
    with serving_process(folder / "var", PORTSIDE_DATABASE_URL=url, **(STILL | settings)) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = {"PORTSIDE_STREAM_CLIENTS": "120", "PORTSIDE_STREAM_HEARTBEAT_S": "1"}
    with _serving(tmp_path_factory.mktemp("stream"), **settings) as (base, process):
        site = Site(base, process.pid)
        _hear_what_was_before(site)
        yield site


def _hear_what_was_before(site: Site) -> None:
    """That the stations are there: it is told before the next change."""
    follower = follow_once_there(site.base, network=1)
    word = site.change()
    while True:
        told = follower.hear().data
        if (told.get("station_id"), told.get("technical_status")) == (HQ14, word):
            follower.close()
            return


def test_a_status_reaches_all_who_follow_it_and_nobody_else(site: Site) -> None:
    followers = [follow_once_there(site.base, station_id=HQ14), follow_once_there(site.base, network=1)]
    followers.append(follow_once_there(site.base, bbox="-122,37,-121.9,38"))
    stranger = follow_once_there(site.base, bbox="0,0,1,1")

    word = site.change()

    heard = [_next_status(follower) for follower in followers]
    assert {(event.data["station_id"], event.data["technical_status"]) for event in heard} == {(HQ14, word)}
    while (stranger.last_id or 0) < heard[0].event_id:
        stranger.hear_beat()
    _close(*followers, stranger)


def _next_status(follower: Follower) -> Heard:
    """What it hears next of a status; that stations were loaded may still be told before."""
    while (event := follower.hear()).kind != "status_changed":
        pass
    return event


def _close(*followers: Follower) -> None:
    for follower in followers:
        follower.close()


def test_the_head_is_the_web_servers_and_nothing_is_kept_on_the_way(site: Site) -> None:
    follower = follow_once_there(site.base, network=1)

    head = follower.head.lower()
    assert "content-type: text/event-stream" in head
    assert "cache-control: no-store" in head
    assert "ratelimit:" in head
    assert "x-request-id:" in head
    assert "etag" not in head
    assert head.count("connection:") == 1
    _close(follower)


@pytest.mark.parametrize(
    ("key", "query", "status"),
    [
        ("nobody.wrong", {"network": 1}, 401),
        ("demo", {}, 400),
        ("demo", {"network": 1, "bbox": "0,0,1,1"}, 400),
        ("demo", {"network": 1, "last_event_id": "x"}, 400),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_handed_over(
    site: Site, key: str, query: dict[str, object], status: int
) -> None:
    follower = follow(site.base, key=key, **query)

    assert follower.status == status
    assert "application/problem+json" in follower.head
    _close(follower)


def test_an_id_that_was_never_given_is_refused(site: Site) -> None:
    address = urlsplit(site.base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)

    connection.request("GET", "/v1/stream?network=1", headers={"X-API-Key": "demo", "Last-Event-ID": "abc"})

    with connection.getresponse() as answer:
        assert (answer.status, b"Last-Event-ID" in answer.read()) == (400, True)
    connection.close()


def test_a_stream_on_a_kept_connection_and_a_head_request_are_answered(site: Site) -> None:
    address = urlsplit(site.base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    for method, path in (("GET", "/v1/networks"), ("HEAD", "/v1/stream?network=1")):
        connection.request(method, path, headers={"X-API-Key": "demo"})
        with connection.getresponse() as answer:
            assert answer.status == 200
            answer.read()

    connection.request("GET", "/v1/stream?network=1", headers={"X-API-Key": "demo"})

    with connection.getresponse() as answer:
        assert answer.readline().startswith(b"retry:")
    connection.close()


def test_web_workers_keep_nothing_of_the_streams_they_handed_over(site: Site) -> None:
    _close(*[follow_once_there(site.base, network=1) for _ in range(8)])  # each worker has answered before
    before = _open_files(site.web_workers())

    followers = [follow_once_there(site.base, network=1) for _ in range(40)]

    _eventually(lambda: _open_files(site.web_workers()) <= before)
    streamer = site.child("streamer")
    assert streamer is not None
    assert _open_files([streamer]) >= 40
    word = site.change()
    assert {follower.hear().data["technical_status"] for follower in followers} == {word}
    _close(*followers)
    _eventually(lambda: _open_files([streamer]) < 40)


def test_a_caller_cannot_have_all_the_streams(site: Site) -> None:
    followers = [follow(site.base, network=1) for _ in range(70)]

    statuses = [follower.status for follower in followers]
    assert set(statuses) == {200, 429}
    assert 55 <= statuses.count(200) <= 60  # half of 120; a few of an earlier test may not be noticed as gone yet
    assert all("retry-after:" in follower.head.lower() for follower in followers if follower.status == 429)
    _close(*followers)


def test_who_was_following_a_killed_streamer_comes_back_and_misses_nothing(site: Site) -> None:
    follower = follow_once_there(site.base, station_id=HQ14)
    site.change()
    last = follower.hear().event_id
    streamer = site.child("streamer")
    assert streamer is not None

    os.kill(streamer, signal.SIGKILL)
    follower.hear_end()
    words = [site.change(), site.change()]

    back = follow_once_there(site.base, station_id=HQ14, last_event_id=last)
    assert [back.hear().data["technical_status"] for _ in words] == words
    _close(follower, back)


def test_asked_to_end_it_ends_the_streams_and_everything(tmp_path: Path) -> None:
    with _serving(tmp_path) as (base, process):
        follower = follow_once_there(base, network=1)
        everyone = family(process.pid)

        process.send_signal(signal.SIGTERM)

        follower.hear_end()
        assert process.wait(_WAIT_S) == 0
        assert not [pid for pid in everyone if is_running(pid)]
        assert not (tmp_path / "var" / "stream.sock").exists()
        _close(follower)
