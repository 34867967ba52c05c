"""Conflicts that offer a way out: what is offered can be held by the next request, and is never too much."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest

from accounts.domain.caller import Card
from accounts.drivers import DriverAccess
from finder.catalogue import StationCatalogue
from finder.domain.opening_hours import OpeningHours, Regular
from finder.domain.station import Access
from finder.domain.tariff import PartLimits, Restrictions, free, simple
from finder.index import StationIndex
from kernel.clock import FixedClock
from kernel.database import Database
from kernel.fields import moment_text
from kernel.services import provide
from kernel.window import Window
from reservations.alternatives import Alternatives
from tests.api.finder_words import a_report, report
from tests.api.problem_words import problem
from tests.api.test_openings import Announced, reservable
from tests.builders import a_port, add_stations
from tests.statements import counted

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CCS, TYPE_2 = ({"connectors": (name,)} for name in ("CCS2", "TYPE_2"))
AFTERNOON = Restrictions(start_time=time(12), end_time=time(18))  # in Utrecht
FROM_TWO = {"free_from": "2026-03-10T14:00:00Z", "free_until": "2026-03-10T15:00:00Z"}
DAYS = OpeningHours(regular=tuple(Regular(day, time(8), time(19)) for day in range(1, 8)))


def a_wish(**changes):
    return {"station_id": "7:1", "port_number": 1, "start": at(120), "duration_min": 60, "card": "111973"} | changes


def at(minute: int) -> str:
    return moment_text(NOON + minute * MINUTE)


def ports(*kinds, **changes):
    return tuple(a_port(n, **({"reservable": True} | kind | changes)) for n, kind in enumerate(kinds, start=1))


@pytest.fixture
def driver(api):
    return api.as_driver()


@pytest.fixture
def street(app) -> None:
    """A station, one 300 m away, one 2 km away with other plugs, a private one beside it, and one far away."""
    add_stations(
        app,
        reservable("7:1", ports=ports(CCS, CCS, TYPE_2)),
        reservable("7:2", lat=52.0927, ports=ports(TYPE_2, CCS)),
        reservable("7:3", lat=52.108, ports=ports(TYPE_2)),
        reservable("7:4", ports=ports(CCS), access=Access.PRIVATE),
        reservable("7:5", lat=52.3, ports=ports(CCS)),
    )


def reserve(driver, **changes) -> str:
    held = driver.post("/v1/reservations", a_wish(**changes))
    assert held.status_code == 201, held.text
    assert driver.post(f"/v1/reservations/{held.json['handle']}/confirm").status_code == 200
    return held.json["handle"]


def offered(driver, path: str = "/v1/reservations", **changes) -> list[tuple[str, str, int, str]]:
    """What a conflict offers: kind, station, port and start."""
    said = problem(driver.post(path, a_wish(**changes)), 409)
    return [(one["kind"], one["station_id"], one["port_number"], one["start"]) for one in said["alternatives"]]


@pytest.mark.parametrize("path", ["/v1/reservations", "/v1/quotes"])
def test_a_taken_port_is_answered_with_one_way_out_of_each_kind(driver, street, path) -> None:
    reserve(driver)

    assert offered(driver, path) == [
        ("OTHER_PORT", "7:1", 2, at(120)),
        ("NEARBY_STATION", "7:2", 2, at(120)),
        ("OTHER_TIME", "7:1", 1, at(60)),
    ]


def test_an_alternative_says_how_long_how_far_and_what_it_costs(driver, api) -> None:
    wish = a_wish(station_id="1:41613", duration_min=90)
    reserve(driver, **wish)

    said = problem(driver.post("/v1/reservations", wish), 409, "port_taken")["alternatives"]

    assert said[0] == {
        "kind": "OTHER_PORT",
        "station_id": "1:41613",
        "port_number": 2,
        "start": at(120),
        "duration_min": 90,
        "distance_m": 0.0,
        "price": {"total": "2.25", "currency": "USD", "reason": None},
    }
    [near] = [one for one in said if one["kind"] == "NEARBY_STATION"]
    assert (near["station_id"], near["start"]) == ("1:39183", at(120))
    assert 90 < near["distance_m"] < 110


def test_without_a_port_other_ports_are_no_alternative(driver, app, street) -> None:
    for number in (1, 2, 3):
        reserve(driver, port_number=number)

    kinds = [kind for kind, *_ in offered(driver, port_number=None)]

    assert (kinds.count("OTHER_TIME"), kinds.count("NEARBY_STATION"), len(kinds)) == (1, 2, 3)


def test_a_closed_station_offers_the_nearest_time_at_which_it_is_open(driver, app) -> None:
    add_stations(app, reservable("7:1", opening_hours=DAYS))  # until 18:00 UTC

    assert offered(driver, start=at(5 * 60 + 30)) == [
        ("OTHER_TIME", "7:1", 1, at(5 * 60)),
        ("OTHER_TIME", "7:1", 1, "2026-03-11T07:00:00Z"),
    ]


def test_a_port_that_cannot_be_reserved_offers_one_with_the_same_plug(driver, app) -> None:
    kinds = (CCS | {"reservable": False}, TYPE_2, CCS)
    add_stations(app, reservable("7:1", ports=ports(*kinds)))

    assert offered(driver) == [("OTHER_PORT", "7:1", 3, at(120))]


def test_nothing_free_is_an_empty_list(driver, app) -> None:
    add_stations(app, reservable("7:1", reservable=False))

    assert problem(driver.post("/v1/reservations", a_wish()), 409, "not_reservable")["alternatives"] == []


def test_a_conflict_about_something_else_offers_nothing(driver, street) -> None:
    handle = reserve(driver)

    said = problem(driver.post(f"/v1/reservations/{handle}/release"), 409, "wrong_state")

    assert "alternatives" not in said


def test_no_time_is_offered_that_is_past_once_it_is_read_or_further_than_the_policy(driver, app) -> None:
    add_stations(app, reservable("7:1"))
    reserve(driver, start=at(24), duration_min=1380)  # there is room before it, to be taken within four minutes
    reserve(driver, start="2026-04-09T11:30:00Z")

    assert offered(driver, start=at(40), duration_min=20) == [("OTHER_TIME", "7:1", 1, at(24 + 1380))]
    assert offered(driver, start="2026-04-09T12:00:00Z") == [("OTHER_TIME", "7:1", 1, "2026-04-09T10:30:00Z")]


def test_the_same_conflict_is_answered_byte_for_byte_though_the_street_has_filled_up(driver, street) -> None:
    key = {"Idempotency-Key": "kind"}
    reserve(driver)
    first = driver.post("/v1/reservations", a_wish(), headers=key)
    reserve(driver, port_number=2)

    again = driver.post("/v1/reservations", a_wish(), headers=key)

    assert len(first.json["alternatives"]) == 3
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")


class InTrouble(StationCatalogue):
    """A catalogue whose every answer takes longer than the database has patience."""

    def listed_among(self, station_ids):
        with self._database.reading() as session:
            patient = session.get_bind().dialect.name != "postgresql"
            trouble = "SELECT * FROM gone" if patient else "SET LOCAL statement_timeout = 1; SELECT pg_sleep(9)"
            session.connection().exec_driver_sql(trouble)
        return {}


def use_alternatives(app, kind=StationCatalogue, **changes) -> None:
    """Alternatives that differ from those of the app in their catalogue, or know of closures."""
    database, index = (app.extensions["portside"][needed] for needed in (Database, StationIndex))
    clock = FixedClock(NOON)
    provide(app, Alternatives(database, clock, kind(database, clock), index, **changes))


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "in trouble"}])
def test_a_conflict_is_answered_though_alternatives_cannot_be_computed(driver, app, street, headers) -> None:
    reserve(driver)
    use_alternatives(app, InTrouble)

    first, again = (driver.post("/v1/reservations", a_wish(), headers=headers) for _ in range(2))

    assert "alternatives" not in problem(first, 409, "port_taken")
    assert (again.status_code, again.json["code"]) == (409, "port_taken")
    assert again.headers.get("Idempotency-Replayed") == ("true" if headers else None)
    use_alternatives(app)
    assert len(offered(driver)) == 3


def test_an_announced_closure_is_offered_by_nobody(driver, app, street) -> None:
    reserve(driver)
    days = timedelta(days=2)
    use_alternatives(app, closed=Announced("7:1", Window(NOON - days, NOON + days)))

    assert offered(driver) == [("NEARBY_STATION", "7:2", 2, at(120))]


@pytest.mark.parametrize("seed", range(2))
def test_every_alternative_can_be_held_by_the_next_request(driver, app, seed) -> None:
    random, conflicts, offers = Random(seed), 0, 0
    add_stations(app, *_some_stations(random))
    for _ in range(8):
        driver.post("/v1/reservations", _some_wish(random))  # a few live holds, and some conflicts
        for held in driver.get("/v1/reservations", state="HELD").json["data"]:
            driver.post(f"/v1/reservations/{held['handle']}/confirm")
    for _ in range(8):
        wish = _some_wish(random)
        answer = driver.post("/v1/reservations", wish)
        if answer.status_code == 409:
            conflicts += 1
            assert len(answer.json["alternatives"]) <= 3
        for one in answer.json.get("alternatives", ()):
            offers += 1
            held = driver.post(
                "/v1/reservations", wish | {name: one[name] for name in ("station_id", "port_number", "start")}
            )
            assert (held.status_code, held.json.get("price", {}).get("total")) == (201, one["price"]["total"]), (
                held.text
            )
            driver.post(f"/v1/reservations/{held.json['handle']}/release")
        if answer.status_code == 201:
            driver.post(f"/v1/reservations/{answer.json['handle']}/confirm")
    assert conflicts >= 2
    assert offers >= 3


def _some_stations(random: Random):
    for number in range(1, 4):
        plugs = [
            random.choice((CCS, TYPE_2)) | {"reservable": random.random() < 0.8} for _ in range(random.randint(1, 2))
        ]
        hours = random.choice((None, DAYS, OpeningHours(True)))
        yield reservable(f"7:{number}", lat=52.09 + number / 500, ports=ports(*plugs), opening_hours=hours)


def _some_wish(random: Random):
    start = at(random.randrange(0, 300, 15) + random.choice((0, 0, 0, 1440)))
    number = random.choice((None, 1))
    return a_wish(
        station_id=f"7:{random.randint(1, 3)}", port_number=number, start=start, duration_min=random.choice((60, 240))
    )


def test_a_conflict_takes_as_many_statements_in_a_full_street_as_in_an_empty_one(driver, app) -> None:
    numbers = []
    for stations in (1, 30):
        add_stations(app, *(reservable(f"7:{number}", ports=ports(CCS, CCS)) for number in range(1, stations + 1)))
        if stations == 1:
            reserve(driver)
        assert driver.get("/v1/status", lat=52.09, lon=5.12, limit=200).status_code == 200
        assert offered(driver)  # index, cache and memory know them
        with counted(app.extensions["portside"][Database]) as sent:
            assert offered(driver)
        tables = ("reservations", "stations", "ports", "reservation_policies")
        numbers.append([sum(f"FROM {table} " in " ".join(one.split()) for one in sent) for table in tables])

    assert numbers[0] == numbers[1]


def test_a_change_that_cannot_be_had_offers_what_the_same_reservation_can_become(driver, app) -> None:
    add_stations(app, reservable("7:1", ports=ports(CCS, CCS)))
    mine = f"/v1/reservations/{reserve(driver)}"
    reserve(driver, start=at(200))
    longer = {"duration_min": 90}

    said = problem(driver.request("PATCH", mine, json=longer), 409, "port_taken")["alternatives"]

    assert [(one["kind"], one["port_number"], one["start"]) for one in said] == [
        ("OTHER_PORT", 2, at(120)),
        ("OTHER_TIME", 1, at(110)),  # into its own window, which is free for it
        ("OTHER_TIME", 1, at(260)),
    ]
    for one in said:
        change = longer | {"start": one["start"], "port_number": one["port_number"]}
        assert driver.request("PATCH", mine, json=change).status_code == 200


def test_a_driver_without_means_of_payment_is_offered_what_is_free_of_charge(app, api) -> None:
    app.extensions["portside"][DriverAccess].create("eve", "secret of hers", cards=(Card("555", "e"),), pays=False)
    add_stations(
        app,
        reservable("7:1", tariff=free("EUR")),
        reservable("7:2", tariff=simple("EUR", per_hour=Decimal(1))),
        reservable("7:3", tariff=free("EUR")),
    )
    reserve(api.as_driver(), duration_min=60)

    found = offered(api.as_driver("eve", "secret of hers"), card="555", start=at(120))

    assert {station for _, station, *_ in found} == {"7:1", "7:3"}


def test_a_port_out_of_order_offers_the_one_beside_it_and_the_time_when_that_no_longer_counts(driver, api, app) -> None:
    add_stations(app, reservable("7:1", ports=ports(CCS, CCS)))
    report(api, a_report("faulted", NOON, station_id="7:1"))

    said = problem(driver.post("/v1/reservations", a_wish(start=at(30))), 409, "station_unreachable")["alternatives"]

    assert [(one["kind"], one["port_number"], one["start"]) for one in said] == [
        ("OTHER_PORT", 2, at(30)),
        ("OTHER_TIME", 1, at(60)),
    ]


def test_the_policy_of_each_station_decides_what_it_is_offered_for(driver, api, app) -> None:
    add_stations(app, reservable("7:1"), reservable("7:2"), reservable("7:3"))
    for station_id, own in (("7:2", {"longest_min": 45}), ("7:3", {"step_min": 30}), ("7:1", {"furthest_days": 1})):
        path = f"/v1/stations/{station_id}/reservation-policy"
        assert api.as_operator().request("PUT", path, json=own).status_code == 200
    reserve(driver, start=at(1440), duration_min=60)

    assert offered(driver, start=at(1440), duration_min=60) == [
        ("NEARBY_STATION", "7:3", 1, at(1440)),
        ("OTHER_TIME", "7:1", 1, at(1380)),
    ]


def test_where_a_part_of_the_day_is_too_short_for_the_wish_nothing_is_offered(driver, app) -> None:
    short = replace(free("EUR"), part_limits=(PartLimits(restrictions=AFTERNOON, session_limit_min=30),))
    add_stations(app, reservable("7:1"), reservable("7:2", tariff=short), reservable("7:3"))
    reserve(driver)

    stations = {station for _, station, *_ in offered(driver)}
    found = {one["station_id"] for one in driver.get("/v1/stations", lat=52.09, lon=5.12, **FROM_TWO).json["data"]}

    assert (stations, found) == ({"7:1", "7:3"}, {"7:3"})
