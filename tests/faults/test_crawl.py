"""A crawl page by page while another process's connection writes: who is left alone is met once, and only once."""

import threading
from collections import Counter
from typing import Any

import numpy as np
import pytest
from flask import Flask

from finder.catalogue import StationCatalogue
from finder.index import StationIndex
from finder.question import Candidates
from kernel.clock import SystemClock
from kernel.database import Database
from tests.builders import a_station, add_stations
from tests.conversation import Conversation

LEFT_ALONE = [f"7:{number}" for number in range(1, 61)]


def _write_until(stop: threading.Event, url: str, wrote: threading.Event) -> None:
    """Add, change, move and remove stations of another source, over a database connection of its own."""
    database = Database(url)
    catalogue = StationCatalogue(database, SystemClock())
    number = 0
    while not stop.is_set():
        number += 1
        lats = [52.1 if place < number % 10 else 53 for place in range(9)]  # before all others, or behind them
        some = [a_station(f"8:{(number * 7 + i) % 40}", lat=lat, phone=str(number)) for i, lat in enumerate(lats)]
        catalogue.merge(some, source="writer", complete=True, force=True)
        wrote.set()
    database.close()


def _crawl(api: Conversation, asked: dict[str, Any], wrote: threading.Event) -> Counter[str]:
    """How often each station was met; before each page something was written, and the index has looked."""
    index: StationIndex = api.app.extensions["portside"][StationIndex]
    met: Counter[str] = Counter()
    path: str | None = "/v1/stations"
    query: dict[str, Any] | None = {**asked, "limit": 7, "fields": "name"}
    while path:
        wrote.clear()
        assert wrote.wait(60)
        index.look_again()
        answer = api.get(path, **(query or {})) if query else api.request("GET", path)
        met.update(station["station_id"] for station in answer.json["data"])
        path, query = answer.headers.get("Link", "").partition(">")[0].strip("<") or None, None
    return met


def _crawled(app: Flask, api: Conversation, url: str, asked: dict[str, Any]) -> Counter[str]:
    add_stations(app, *(a_station(one, lat=52 + int(one[2:]) // 4 / 100) for one in LEFT_ALONE))
    stop, wrote = threading.Event(), threading.Event()
    writer = threading.Thread(target=_write_until, args=(stop, url, wrote))
    writer.start()
    try:
        return _crawl(api, asked, wrote)
    finally:
        stop.set()
        writer.join()


ASKED: tuple[dict[str, Any], ...] = (
    {"network": [7, 8]},
    {"lat": 52.1, "lon": 5.12, "radius": 500, "network": [7, 8]},
)


@pytest.mark.parametrize("asked", ASKED)
def test_every_station_that_is_left_alone_is_met_exactly_once(app, api, guide_url, asked) -> None:
    met = _crawled(app, api, guide_url, asked)

    assert {one: met[one] for one in LEFT_ALONE} == dict.fromkeys(LEFT_ALONE, 1)
    assert any(one.startswith("8:") for one in met)


@pytest.mark.parametrize("templates", ["sqlite"], indirect=True)
def test_the_control_pages_by_number_meet_some_twice_or_never(app, api, guide_url, monkeypatch) -> None:
    _page_by_number(monkeypatch)

    met = _crawled(app, api, guide_url, ASKED[1])

    assert {one: met[one] for one in LEFT_ALONE} != dict.fromkeys(LEFT_ALONE, 1)


def _page_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cursor that counts rows would do: leave out as many as were shown."""
    pages: list[int] = []

    def after(found: Candidates, key: Any) -> Any:
        pages.append(1)
        pks = found.snapshot.columns.stations["pk"][found.rows]
        return found.only(np.lexsort((pks, found.ranks))[7 * len(pages) :])

    monkeypatch.setattr(Candidates, "after", after)
