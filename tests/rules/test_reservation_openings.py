"""Openings, compared minute by minute with what the desk would let through, across midnight and clock changes."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from finder.domain.opening_hours import OpeningHours, Regular, is_open
from finder.domain.station import Station
from finder.domain.tariff import Tariff
from kernel.errors import InvalidBody
from kernel.window import Window
from reservations.domain.free_windows import Terms, bookable_windows
from reservations.domain.policy import Policy, check_duration, window_of
from reservations.offers import free_parts, terms_of

MINUTE, SECOND, DAY = timedelta(minutes=1), timedelta(seconds=1), timedelta(days=1)
EVES = {  # the evening before a clock change, in UTC: by an hour forward and back, at midnight, and by half an hour
    "America/Los_Angeles": (datetime(2026, 3, 7, 20, tzinfo=UTC), datetime(2026, 10, 31, 20, tzinfo=UTC)),
    "Europe/Amsterdam": (datetime(2026, 3, 28, 14, tzinfo=UTC), datetime(2026, 10, 24, 14, tzinfo=UTC)),
    "America/Santiago": (datetime(2026, 4, 4, 18, tzinfo=UTC), datetime(2026, 9, 5, 18, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, 6, tzinfo=UTC), datetime(2026, 10, 3, 6, tzinfo=UTC)),
}
LENGTH = 24 * 60
clock_times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
regular = st.builds(Regular, st.integers(5, 7) | st.just(1), clock_times, clock_times)
hours = (
    st.none() | st.just(OpeningHours(True)) | st.lists(regular, max_size=6).map(lambda r: OpeningHours(False, tuple(r)))
)


@st.composite
def calendars(draw):
    """A zone and the moment from which minutes count; hours; windows taken, in minutes; policy, and now in minutes."""
    zone = draw(st.sampled_from(sorted(EVES)))
    pairs = draw(st.lists(st.tuples(st.integers(-60, LENGTH), st.integers(1, 240)), max_size=6))
    shortest, longest = sorted(draw(st.tuples(st.integers(1, 120), st.integers(1, 240))))
    policy = Policy(
        shortest_min=shortest,
        longest_min=longest,
        furthest_days=1,
        earliest_start_min=draw(st.sampled_from((0, 0, 90))),
        step_min=draw(st.sampled_from((1, 1, 7, 30))),
    )
    limit = draw(st.none() | st.integers(1, 300))
    now = draw(st.integers(-LENGTH - 300, 300))
    return zone, draw(st.sampled_from(EVES[zone])), draw(hours), pairs, policy, limit, now


def openings(calendar, least: int) -> tuple[Window, ...]:
    """As `Openings` finds them for one port."""
    zone, zero, opening_hours, pairs, policy, limit, now = calendar
    tariff = Tariff(currency="USD", session_limit_min=limit)
    station = Station(
        station_id="1:1",
        network_id=1,
        name="S",
        lat=0,
        lon=0,
        time_zone=zone,
        opening_hours=opening_hours,
        tariff=tariff,
    )
    terms = terms_of(station, policy, zero + now * MINUTE)
    span = Window(zero, zero + LENGTH * MINUTE)
    taken = [Window(zero + start * MINUTE, zero + (start + lasts) * MINUTE) for start, lasts in pairs]
    return bookable_windows(free_parts(station, span, taken), terms, least * MINUTE)


def by_hand(calendar, least: int) -> list[bool]:
    """Of each minute: whether some reservation that may be made now covers it; every start and length is tried."""
    zone, zero, opening_hours, pairs, policy, limit, now = calendar
    usable = [
        is_open(opening_hours, zone, zero + minute * MINUTE) is not False
        and not any(start <= minute < start + lasts for start, lasts in pairs)
        for minute in range(LENGTH)
    ]
    lengths = [lasts for lasts in range(least, 241) if _may_last(lasts, limit, policy)]
    covered = [False] * LENGTH
    for start in (minute for minute in range(LENGTH) if usable[minute] and lengths):
        if _may_start(zero + start * MINUTE, lengths[0], zero + now * MINUTE, policy):
            end = next((minute for minute in range(start, LENGTH) if not usable[minute]), LENGTH)
            longest = max((lasts for lasts in lengths if start + lasts <= end), default=0)
            covered[start : start + longest] = [True] * longest
    return covered


def _may_start(start: datetime, lasts: int, now: datetime, policy: Policy) -> bool:
    return _is_let_through(lambda: window_of(start, lasts, now, policy))


def _may_last(lasts: int, limit: int | None, policy: Policy) -> bool:
    return _is_let_through(lambda: check_duration(lasts, policy, session_limit_min=limit))


def _is_let_through(asking) -> bool:
    try:
        asking()
    except InvalidBody:
        return False
    return True


@settings(max_examples=40)
@given(calendars(), st.integers(1, 240))
def test_a_minute_is_in_an_opening_exactly_if_a_reservation_made_now_can_cover_it(calendar, least) -> None:
    zero = calendar[1]

    found = openings(calendar, least)

    inside = [any(one.contains(zero + minute * MINUTE) for one in found) for minute in range(LENGTH)]
    assert inside == by_hand(calendar, least)


@settings(max_examples=60)
@given(calendars(), st.integers(1, 240), st.data())
def test_what_is_cut_out_of_an_opening_is_let_through_by_the_policy(calendar, least, data) -> None:
    zone, zero, _, _, policy, limit, now = calendar
    moment = zero + now * MINUTE
    terms = terms_of(Station(station_id="1:1", network_id=1, name="", lat=0, lon=0, time_zone=zone), policy, moment)
    for opening in openings(calendar, least):
        longest = min(policy.longest_min, limit or policy.longest_min, opening.duration // MINUTE)
        lengths = range(max(least, policy.shortest_min), longest + 1)
        lasts = data.draw(st.sampled_from([one for one in lengths if not one % policy.step_min]))
        last = min(opening.end - lasts * MINUTE, terms.last_start)
        start = opening.start + data.draw(st.integers(0, (last - opening.start) // SECOND)) * SECOND

        assert window_of(start, lasts, moment, policy)


@given(
    st.integers(-120, 120),
    st.integers(1, 120),
    st.integers(0, 60),
    st.integers(0, 90),
    st.integers(1, 60),
    st.integers(0, 60),
)
@example(0, 30, 0, 30, 30, 30)
def test_terms_allow_what_is_inside_their_span_and_no_more(start, lasts, first, wait, shortest, more) -> None:
    zero = datetime(2026, 3, 10, 12, tzinfo=UTC)
    terms = Terms(
        first_start=zero + first * MINUTE,
        last_start=zero + (first + wait) * MINUTE,
        shortest=shortest * MINUTE,
        longest=(shortest + more) * MINUTE,
    )
    window = Window.lasting(zero + start * MINUTE, lasts * MINUTE)

    expected = first <= start <= first + wait and shortest <= lasts <= shortest + more

    assert terms.allow(window) is expected
    assert not expected or (terms.span is not None and terms.span.intersection(window) == window)


def test_an_opening_starts_at_a_whole_second() -> None:
    zero = datetime(2026, 3, 10, 12, tzinfo=UTC)
    terms = Terms(first_start=zero, last_start=zero + DAY, shortest=MINUTE, longest=DAY)
    free = Window(zero + timedelta(microseconds=1), zero + 5 * MINUTE)

    assert bookable_windows([free], terms, MINUTE) == (Window(zero + SECOND, zero + 5 * MINUTE),)
