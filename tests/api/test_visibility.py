"""Who sees which station: those of everyone, those of their owners (guide 1.2.3.1), and demonstration units."""

from typing import Any

import pytest
from flask import Flask

from accounts.clients import ClientAccess, OtherPlan
from accounts.domain.plans import Plan
from finder.catalogue import StationCatalogue
from finder.domain.station import Access, Organization, Visibility
from kernel.database import Database
from kernel.outbox import events_after
from kernel.relay import Relay
from tests.api.finder_words import a_report, ids, report
from tests.api.problem_words import problem
from tests.builders import a_port, a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation

HERE = {"lat": 52.09, "lon": 5.12}
HIDDEN, UNIT, OPEN = "7:1", "7:2", "7:3"
OF_ONE = ("", "/status", "/status-log", "/reliability", "/estimate")


@pytest.fixture
def api(app: Flask, api: Conversation) -> Conversation:
    """A conversation where there is a station for its owner alone, a demonstration unit and one for everyone."""
    owner = Organization("7:Own", "OWNER")
    add_stations(
        app,
        a_station(HIDDEN, organization=owner, access=Access.RESTRICTED, visibility=Visibility.OWNER, reservable=True),
        a_station(UNIT, serial_number="DEMO-1", visibility=Visibility.DEMONSTRATION),
        a_station(OPEN, organization=owner, ports=(a_port(reservable=True),), reservable=True),
    )
    return api


def as_owner(app: Flask, organization_id: str = "7:OWN", **more: Any) -> Conversation:
    clients: ClientAccess = app.extensions["portside"][ClientAccess]
    return Conversation(app, {"X-API-Key": clients.create("owner", organization_id=organization_id, **more)})


def test_a_station_for_its_owner_is_found_by_its_owner_and_operators_alone(app: Flask, api: Conversation) -> None:
    for path in ("/v1/stations", "/v1/status"):
        assert ids(api.get(path, **HERE)) == [OPEN]
        assert ids(as_owner(app, "7:12").get(path, **HERE)) == [OPEN]
        assert ids(as_owner(app).get(path, **HERE)) == [HIDDEN, OPEN]
        assert ids(api.as_operator().get(path, **HERE)) == [HIDDEN, OPEN]


def test_a_page_that_anybody_can_read_shows_what_everybody_sees(app: Flask, api: Conversation) -> None:
    page = as_owner(app, publishable=True, allowed_origins=("https://charge.example",))

    answer = page.get("/v1/stations", headers={"Origin": "https://charge.example"}, **HERE)

    assert ids(answer) == [OPEN]


@pytest.mark.parametrize("station_id", [HIDDEN, UNIT])
def test_what_is_not_seen_is_told_as_what_does_not_exist(api: Conversation, station_id: str) -> None:
    report(api, a_report("available", NOW, station_id=station_id))

    for rest in OF_ONE:
        hidden, missing = (api.get(f"/v1/stations/{name}{rest}") for name in (station_id, "7:9"))
        assert problem(hidden, 404, "unknown_station") | ANEW == problem(missing, 404) | ANEW
        assert {*hidden.headers.keys()} == {*missing.headers.keys()}


ANEW = {"instance": None, "request_id": None}


def test_the_owner_reads_all_of_its_station(app: Flask, api: Conversation) -> None:
    owner = as_owner(app)

    assert [owner.get(f"/v1/stations/{HIDDEN}{rest}").status_code for rest in OF_ONE] == [200] * len(OF_ONE)


def test_hidden_stations_are_not_found_by_their_ids_either(app: Flask, api: Conversation) -> None:
    asked = [OPEN, HIDDEN, UNIT]

    assert api.get("/v1/status", station_id=asked).json["not_found"] == [HIDDEN, UNIT]
    assert as_owner(app).get("/v1/status", station_id=asked).json["not_found"] == [UNIT]
    assert ids(api.get("/v1/stations", station_id=asked)) == [OPEN]


def test_a_demonstration_unit_is_found_by_its_serial_number_alone(api: Conversation) -> None:
    for caller in (api, api.as_operator()):
        for path in ("/v1/stations", "/v1/status"):
            assert ids(caller.get(path, demo_serial_number=["demo-1", "DEMO-2"])) == [UNIT]
        assert ids(caller.get("/v1/stations", demo_serial_number="DEMO-1", city="Paris")) == []
        assert ids(caller.get("/v1/stations", serial_number="DEMO-1")) == []
        assert ids(caller.get("/v1/stations", demo_serial_number="012345678901")) == []


def test_what_is_hidden_is_neither_priced_nor_held(api: Conversation) -> None:
    wish = {"start": "2026-03-10T14:00:00Z", "duration_min": 60, "card": "111973"}
    usage = {"periods": [{"start": "2026-03-10T12:00:00Z", "end": "2026-03-10T13:00:00Z", "kind": "CHARGING"}]}
    span = {"start": wish["start"], "end": "2026-03-10T18:00:00Z"}
    driver = api.as_driver()

    for path in ("/v1/quotes", "/v1/reservations"):
        problem(driver.post(path, {**wish, "station_id": HIDDEN}), 404, "unknown_station")
        assert driver.post(path, {**wish, "station_id": OPEN}).status_code == 201
    problem(api.post("/v1/estimates", {"station_id": HIDDEN, "port_number": 1, "usage": usage}), 404)
    assert driver.get("/v1/openings", station_id=[HIDDEN, OPEN], **span).json["not_found"] == [HIDDEN]


def test_hiding_and_showing_a_station_stays_through_imports(app: Flask, api: Conversation) -> None:
    def say(who: str) -> str:
        return app.test_cli_runner().invoke(args=["stations", "visibility", OPEN, who]).output.strip()

    assert say("OWNER") == f"{OPEN}: OWNER"
    add_stations(app, a_station(OPEN, phone="555"))
    assert ids(api.get("/v1/stations", **HERE)) == []

    assert say("everyone") == f"{OPEN}: EVERYONE"
    assert ids(api.get("/v1/stations", **HERE)) == [OPEN]


def told(app: Flask) -> list[dict[str, Any]]:
    """What everybody who follows the stream can have heard of stations."""
    shelf = app.extensions["portside"]
    shelf[Relay].send()
    with shelf[Database].reading() as session:
        return [event.payload for event in events_after(session, 0, ["station", "status"], 10_000)]


def test_nobody_hears_of_what_is_hidden_but_that_it_is_gone(app: Flask, api: Conversation) -> None:
    catalogue: StationCatalogue = app.extensions["portside"][StationCatalogue]
    before = len(told(app))

    add_stations(app, a_station(HIDDEN, visibility=Visibility.OWNER, phone="555"))
    report(api, a_report("available", NOW, station_id=HIDDEN))
    catalogue.set_visibility(OPEN, Visibility.OWNER)

    [gone] = told(app)[before:]
    assert (gone["station_id"], gone["change"]) == (OPEN, "removed")


def test_a_client_of_an_organization_has_its_plan(app: Flask) -> None:
    as_owner(app, plan=Plan.TELEMATICS)

    with pytest.raises(OtherPlan):
        as_owner(app, plan=Plan.CORPORATE)


def test_snapshots_and_changes_tell_of_stations_for_everyone(app: Flask, api: Conversation) -> None:
    catalogue: StationCatalogue = app.extensions["portside"][StationCatalogue]
    for form in ("csv", "geojson"):
        text = api.as_operator().get(f"/v1/snapshots/stations.{form}").text
        assert (OPEN in text, HIDDEN in text, UNIT in text) == (True, False, False)
    since = api.get("/v1/changes").json["next_cursor"]

    add_stations(app, a_station(HIDDEN, visibility=Visibility.OWNER, phone="555"))
    catalogue.set_visibility(OPEN, Visibility.OWNER)

    [gone] = api.get("/v1/changes", since=since).json["data"]
    assert (gone["station_id"], gone["reason"]) == (OPEN, "no_longer_matches")
    assert OPEN not in api.get("/v1/snapshots/stations.csv").text


def test_changes_are_not_asked_around_what_moves(api: Conversation) -> None:
    for asked, where in (({"city": "Utrecht", "radius": 5}, "radius"), ({"demo_serial_number": "1"}, None)):
        answer = problem(api.get("/v1/changes", **asked), 400, "invalid_request")
        assert answer["errors"][0]["pointer"] == (where or next(iter(asked)))
