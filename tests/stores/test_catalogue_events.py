"""Whatever changes stations leaves events; an import leaves one."""

from typing import Any

from finder.catalogue import StationCatalogue
from finder.catalogue_events import MOST_SINGLE
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.outbox import events_after
from kernel.relay import Relay
from tests.builders import a_station


def _told(database: Database, clock: FixedClock, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    Relay(database, clock).send()
    with database.reading() as session:
        return [(event.topic, event.payload) for event in events_after(session, after, ["station"], 10_000)]


def test_a_changed_station_is_told_once_with_its_place(database: Database, clock: FixedClock) -> None:
    catalogue = StationCatalogue(database, clock)
    station = a_station("1:1", lat=10.0, lon=20.0)

    catalogue.merge([station], source="test", complete=False, force=False)
    catalogue.merge([station], source="test", complete=False, force=False)
    catalogue.set_reservable("1:1", reservable=True)

    place = {"station_id": "1:1", "network_id": 1, "lat": 10.0, "lon": 20.0, "change": "changed"}
    assert _told(database, clock) == [("station_changed", place)] * 2


def test_a_removed_station_is_told(database: Database, clock: FixedClock) -> None:
    catalogue = StationCatalogue(database, clock)
    catalogue.merge([a_station("1:1"), a_station("1:2")], source="test", complete=False, force=False)

    catalogue.merge([a_station("1:1")], source="test", complete=True, force=True)

    topic, told = _told(database, clock)[-1]
    assert (topic, told["station_id"], told["change"]) == ("station_changed", "1:2", "removed")


def test_an_import_is_told_as_one_event(database: Database, clock: FixedClock) -> None:
    catalogue = StationCatalogue(database, clock)
    number = MOST_SINGLE + 1

    catalogue.merge([a_station(f"1:{n}") for n in range(number)], source="test", complete=False, force=False)

    assert _told(database, clock) == [("stations_changed", {"changes": {"changed": number}})]
