"""Which alternatives are offered: the nearest other starts, tried minute by minute, and the best three."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kernel.window import Window
from reservations.domain.alternatives import MOST, Alternative, Kind, best, other_starts
from reservations.domain.free_windows import Terms, bookable_windows, free_windows

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = Window.lasting(NOON, timedelta(hours=1))
minutes = st.integers(0, 180)


def at(minute: int, lasts: int) -> Window:
    return Window.lasting(NOON + minute * MINUTE, lasts * MINUTE)


def an_alternative(kind: Kind, *, shift_min: int = 0, away_m: float = 0.0, port: int = 1, station: str = "1:1"):
    window = Window.lasting(HOUR.start + shift_min * MINUTE, HOUR.duration)
    return Alternative(kind=kind, station_id=station, port_number=port, window=window, distance_m=away_m)


alternatives = st.builds(
    an_alternative,
    st.sampled_from(Kind),
    shift_min=st.integers(-600, 600),
    away_m=st.floats(0, 10_000),
    port=st.integers(1, 4),
    station=st.sampled_from(["1:1", "1:2"]),
)


@given(st.lists(st.tuples(minutes, st.integers(1, 60)), max_size=5), minutes, st.integers(5, 60), minutes, minutes)
def test_other_starts_are_the_nearest_before_and_after_that_are_free(taken, start, lasts, first, last) -> None:
    terms = Terms(
        first_start=NOON + first * MINUTE, last_start=NOON + last * MINUTE, shortest=MINUTE, longest=60 * MINUTE
    )
    windows, wished = [at(*one) for one in taken], at(start, lasts)
    bookable = bookable_windows(free_windows([at(0, 240)], windows, MINUTE), terms, wished.duration)

    found = other_starts(bookable, terms, wished)

    free = [
        s for s in range(first, last + 1) if s + lasts <= 240 and not any(at(s, lasts).overlaps(w) for w in windows)
    ]
    if start not in free:
        before, after = [s for s in free if s < start], [s for s in free if s > start]
        assert [(s - NOON) // MINUTE for s in found] == before[-1:] + after[:1]


@given(st.lists(alternatives, max_size=10, unique=True))
def test_three_at_most_are_offered_of_as_many_kinds_as_there_are(found) -> None:
    chosen = best(found, HOUR)

    assert len(chosen) == min(MOST, len(found))
    assert {one.kind for one in chosen} == {one.kind for one in found}
    assert set(chosen) <= set(found)


@given(st.lists(alternatives, max_size=8), st.randoms())
def test_the_order_in_which_they_were_found_does_not_matter(found, random) -> None:
    shuffled = random.sample(found, len(found))

    assert best(shuffled, HOUR) == best(found, HOUR)


def test_the_least_trouble_comes_first_and_every_kind_has_its_best() -> None:
    soon, later = (an_alternative(Kind.OTHER_TIME, shift_min=shift) for shift in (20, -90))
    near, far = (an_alternative(Kind.NEARBY_STATION, away_m=away, station="1:2") for away in (900.0, 9000.0))
    beside = an_alternative(Kind.OTHER_PORT, port=2)

    assert best([far, later, near, soon, beside], HOUR) == (beside, near, soon)
    assert best([far, later, near, soon], HOUR) == (near, far, soon)
    assert best([], HOUR) == ()
