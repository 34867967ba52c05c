"""Which of the places of one name is meant."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from finder.domain.namesakes import OVERWHELMING, NamedPlace, meant

places = st.builds(
    NamedPlace,
    is_own=st.booleans(),
    country=st.sampled_from(["BE", "FR", "US"]),
    state=st.sampled_from(["", "TX"]),
    thousands=st.integers(1, 40_000),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
)
PARIS = NamedPlace(True, "FR", "IDF", 2139, 48.853, 2.349)
PARIS_TX = NamedPlace(True, "US", "TX", 25, 33.661, -95.556)


def test_of_none_none_is_meant_and_of_one_that() -> None:
    assert meant([]) is None
    assert meant([PARIS_TX]) == PARIS_TX


def test_ten_times_the_next_is_meant() -> None:
    tenth, more = replace(PARIS_TX, thousands=213), replace(PARIS_TX, thousands=214)

    assert meant([PARIS_TX, tenth, PARIS]) == PARIS
    assert meant([PARIS_TX, more, PARIS]) is None


def test_a_name_of_its_own_goes_before_another_name_of_a_smaller_one() -> None:
    also = replace(PARIS_TX, is_own=False, thousands=2138)

    assert meant([also, PARIS]) == PARIS
    assert meant([also, replace(PARIS, is_own=False)]) is None
    assert meant([also, replace(PARIS, thousands=2138)]) is None
    assert meant([also, replace(PARIS, thousands=2000)]) is None


@given(st.lists(places))
def test_what_is_meant_is_the_largest_in_whatever_order(namesakes) -> None:
    found = meant(namesakes)

    assert meant(namesakes[::-1]) == found
    assert found is None or found.thousands == max(place.thousands for place in namesakes)


@given(st.lists(places), places)
def test_a_place_too_small_to_matter_changes_nothing(namesakes, small) -> None:
    largest = max((place.thousands for place in namesakes), default=0)

    if small.thousands * OVERWHELMING <= largest:
        assert meant([*namesakes, small]) == meant(namesakes)


@given(places, st.booleans())
def test_of_two_alike_none_is_meant(place, is_own) -> None:
    assert meant([place, replace(place, is_own=is_own, country="BE")]) is None
