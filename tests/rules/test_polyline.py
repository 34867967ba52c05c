"""Encoded polylines: what is written is read again, and whatever else is sent is refused or read, never a crash."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.polyline import decoded

coordinates = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


def encoded(places: list[tuple[int, int]]) -> str:
    """Places in whole units of the precision as an encoded polyline."""
    letters, before = [], (0, 0)
    for place in places:
        for now, last in zip(place, before, strict=True):
            number = (now - last) << 1 if now >= last else ~((now - last) << 1)
            while number >= 0x20:
                letters.append(chr((number & 0x1F | 0x20) + 63))
                number >>= 5
            letters.append(chr(number + 63))
        before = place
    return "".join(letters)


@given(st.lists(coordinates), st.sampled_from([5, 6]))
def test_what_is_written_is_read_again(places, precision) -> None:
    expected = [(lat / 10**precision, lon / 10**precision) for lat, lon in places]

    assert decoded(encoded(places), precision) == expected


def test_the_well_known_example_is_read() -> None:
    assert decoded("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]


@given(st.text() | st.text(st.characters(min_codepoint=63, max_codepoint=126)))
def test_any_other_text_is_read_or_refused_and_nothing_else(text) -> None:
    with suppress(ValueError):
        assert len(decoded(text)) <= len(text) / 2


@pytest.mark.parametrize("text", ["_", "_ql{H", "_ql{H_mx^_", "a b", "\x7f\x7f", "~~~~~~~~~~", "ÿÿ"])
def test_what_is_cut_off_or_no_polyline_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        decoded(text)
