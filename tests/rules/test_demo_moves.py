"""The demo network's ports take a believable course, report in time, and some fall silent."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from demo.cities import city_of
from demo.moves import HEARTBEAT_S, due, moves, technical_status_at
from demo.network import demo_ports

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATUSES = frozenset(
    "available preparing charging paused completed finishing faulted unavailable offline unknown".split()
)
MOMENTS = st.integers(0, 400 * 86_400).map(lambda second: NOON + timedelta(seconds=second))
PORTS = st.sampled_from(demo_ports())


@given(PORTS, MOMENTS)
def test_a_port_says_the_same_of_a_moment_whenever_it_is_asked(port: tuple[str, int], moment: datetime) -> None:
    said = technical_status_at(*port, moment)

    assert said is None or said in STATUSES
    assert said == technical_status_at(*port, moment)


@given(PORTS, MOMENTS)
def test_a_talking_port_reports_within_ten_minutes(port: tuple[str, int], moment: datetime) -> None:
    ticks = [moment + timedelta(seconds=5 * tick) for tick in range(HEARTBEAT_S // 5 + 2)]
    talks = all(technical_status_at(*port, tick) for tick in ticks)

    reports = [move for before, tick in pairwise(ticks) for move in due([port], before, tick)]

    assert ticks[-1] - moment <= timedelta(minutes=10)
    assert reports or not talks


@given(PORTS, MOMENTS)
def test_every_change_is_reported_in_the_tick_that_brings_it(port: tuple[str, int], moment: datetime) -> None:
    later = moment + timedelta(minutes=7)
    was, became = technical_status_at(*port, moment), technical_status_at(*port, later)

    said = [move.technical_status for move in due([port], moment, later)]

    assert became is None or became == was or said == [became]
    assert became is not None or said == []


@given(PORTS, MOMENTS)
def test_the_order_of_a_visit_is_a_drivers(port: tuple[str, int], moment: datetime) -> None:
    trouble = {"faulted", "unavailable", "offline", "unknown", None}
    course = [technical_status_at(*port, moment + timedelta(seconds=30 * step)) for step in range(240)]

    steps = {pair for pair in pairwise(course) if not trouble & set(pair)}

    assert {before for before, after in steps if after == "charging"} <= {"preparing", "charging"}
    assert {after for before, after in steps if before == "finishing"} <= {"finishing", "available"}


def test_over_a_day_most_ports_are_free_a_third_in_use_and_few_out() -> None:
    hours = [NOON + timedelta(hours=3 * step) for step in range(8)]
    seen = Counter(technical_status_at(*port, hour) for hour in hours for port in demo_ports())
    in_use = sum(seen[word] for word in ("preparing", "charging", "paused", "completed", "finishing"))

    assert seen.keys() == STATUSES | {None}
    assert 0.55 < seen["available"] / seen.total() < 0.65
    assert 0.25 < in_use / seen.total() < 0.35
    assert 0.01 < seen[None] / seen.total() < 0.06


def test_some_ports_are_stale_some_unreachable_and_some_never_spoke() -> None:
    known = moves(NOON, demo_ports())
    ages = [NOON - move.reported_at for move in known]

    assert min(ages) == timedelta(0)
    assert sum(timedelta(minutes=15) < age <= timedelta(hours=1) for age in ages) >= 5
    assert sum(age > timedelta(hours=1) for age in ages) >= 5
    assert 1 <= len(demo_ports()) - len(known) <= 60


def test_every_few_seconds_something_moves_and_never_all_at_once() -> None:
    ticks = [NOON + timedelta(seconds=3 * tick) for tick in range(41)]

    counts = [len(due(demo_ports(), *pair)) for pair in pairwise(ticks)]

    assert min(counts) >= 5
    assert max(counts) <= 80


def test_a_faulted_port_and_no_other_gives_an_error_code() -> None:
    known = moves(NOON, demo_ports())

    assert all((move.error_code is not None) == (move.technical_status == "faulted") for move in known)
    assert len({move.error_code for move in known}) > 3


def test_another_seed_gives_another_course() -> None:
    here = [technical_status_at(*port, NOON) for port in demo_ports()[:200]]
    there = [technical_status_at(*port, NOON, seed=7) for port in demo_ports()[:200]]

    assert here != there


def test_a_tick_that_does_not_go_forward_reports_nothing() -> None:
    moment = NOON + timedelta(milliseconds=300)

    assert due(demo_ports(), NOON, moment) == []
    assert due(demo_ports(), NOON, NOON - timedelta(minutes=5)) == []


def test_a_city_is_busier_in_its_own_evening_than_in_its_own_night() -> None:
    berlin = [port for port in demo_ports() if city_of(port[0]).name == "Berlin"]
    free = {hour: [technical_status_at(*port, NOON.replace(hour=hour)) for port in berlin] for hour in (2, 17)}

    assert free[17].count("available") < free[2].count("available")


def test_a_port_changes_every_five_to_forty_minutes_on_average_of_the_day() -> None:
    ports = demo_ports()[::40]
    courses = [[technical_status_at(*port, NOON + timedelta(minutes=step)) for step in range(1440)] for port in ports]

    changes = sum(before != after for course in courses for before, after in pairwise(course))

    assert 5 < 1440 * len(ports) / changes < 40
