"""Encoded polylines: places as text, each as its difference from the one before (Google's algorithm)."""

from collections.abc import Iterator
from itertools import accumulate

PRECISIONS = (5, 6)
_FIRST, _LAST = 63, 126  # `?` to `~`
_MORE, _BITS = 0x20, 5
_LONGEST = 7  # letters of one number: 35 bits hold every difference at precision 6


def decoded(text: str, precision: int = 5) -> list[tuple[float, float]]:
    """The places as (lat, lon), to so many decimals. Raises ValueError where the text is not a polyline."""
    numbers = list(_numbers(text))
    if len(numbers) % 2:
        raise ValueError("A latitude stands without its longitude at the end.")
    scale = 10.0**precision
    lats, lons = (accumulate(numbers[start::2]) for start in (0, 1))
    return [(lat / scale, lon / scale) for lat, lon in zip(lats, lons, strict=True)]


def _numbers(text: str) -> Iterator[int]:
    number = shift = 0
    for place, letter in enumerate(text):
        if not _FIRST <= ord(letter) <= _LAST:
            raise ValueError(f"Letter {place + 1} is not one of a polyline.")
        bits = ord(letter) - _FIRST
        number |= (bits & (_MORE - 1)) << shift
        shift += _BITS
        if shift > _LONGEST * _BITS:
            raise ValueError(f"The number that ends at letter {place + 1} is too large.")
        if not bits & _MORE:
            yield ~(number >> 1) if number & 1 else number >> 1
            number = shift = 0
    if shift:
        raise ValueError("The last number is cut off.")
