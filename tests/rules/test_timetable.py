"""When somebody who drives along a route is where."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.timetable import Timetable, at_speed, minute_from

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def minutes(*numbers: float) -> tuple[datetime, ...]:
    return tuple(START + timedelta(minutes=number) for number in numbers)


@given(st.floats(0, 1e7), st.floats(0, 1), st.floats(1, 500))
def test_at_one_speed_the_way_takes_its_time(length_m, share, speed_kmh) -> None:
    arrival = at_speed(START, length_m, speed_kmh).arrival(share * length_m)

    assert abs(arrival - START - timedelta(hours=share * length_m / 1000 / speed_kmh)) < 1.1 * SECOND


def test_between_two_places_it_is_driven_steadily_and_a_stop_counts_from_its_beginning() -> None:
    table = Timetable((0.0, 1000.0, 1000.0, 3000.0), minutes(0, 10, 30, 40))

    assert [table.arrival(metres) for metres in (0, 500, 1000, 2000, 3000, 3000.001)] == [
        *minutes(0, 5, 10, 35, 40, 40)
    ]


@given(st.lists(st.tuples(st.floats(0, 5e4), st.integers(0, 9999)), min_size=1), st.floats(0, 1e6), st.floats(0, 1e6))
def test_who_is_farther_is_there_later(legs, one, other) -> None:
    offsets, seconds, moments = [0.0], 0, [START]
    for metres, lasts in legs:
        offsets.append(offsets[-1] + metres)
        seconds += lasts
        moments.append(START + seconds * SECOND)
    table = Timetable(offsets, moments)

    assert table.arrival(min(one, other)) <= table.arrival(max(one, other))
    assert START <= table.arrival(one) <= moments[-1]


@pytest.mark.parametrize(("second", "minute"), [(0, 0), (0.000001, 1), (1, 1), (59, 1), (60, 1), (61, 2)])
def test_a_reservation_begins_with_the_next_whole_minute(second, minute) -> None:
    assert minute_from(START + second * SECOND) == START + minute * timedelta(minutes=1)
