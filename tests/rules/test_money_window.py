"""Money is rounded once, half up, to the coins that there are; windows are half-open and in UTC."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money, as_text, exponent, rounded
from kernel.window import Window

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

currencies = st.sampled_from(("USD", "EUR", "JPY", "KWD"))
amounts = st.decimals(-(10**9), 10**9, allow_nan=False, places=6)
windows = st.builds(
    lambda start, length: Window.lasting(NOON + timedelta(seconds=start), timedelta(seconds=length)),
    st.integers(-100, 100),
    st.integers(1, 100),
)


@pytest.mark.parametrize(
    ("exact", "currency", "coins"),
    [
        ("0.005", "USD", "0.01"),
        ("0.0049", "USD", "0.00"),
        ("1.115", "USD", "1.12"),
        ("-0.004", "USD", "0.00"),
        ("0.5", "JPY", "1"),
        ("1.0005", "KWD", "1.001"),
        ("5E-1", "USD", "0.50"),
        ("1E+3", "JPY", "1000"),
    ],
)
def test_an_amount_is_rounded_half_up_to_the_coins_of_its_currency(exact, currency, coins) -> None:
    assert str(Money.of(Decimal(exact), currency)) == coins


@given(amounts, currencies)
def test_rounding_moves_an_amount_by_half_a_coin_at_most(exact: Decimal, currency: str) -> None:
    coins = rounded(exact, currency)

    assert abs(coins - exact) <= Decimal(1).scaleb(-exponent(currency)) / 2
    assert coins.as_tuple().exponent == -exponent(currency)


@given(amounts, currencies)
def test_rounding_twice_is_rounding_once_and_never_minus_zero(exact: Decimal, currency: str) -> None:
    coins = rounded(exact, currency)

    assert rounded(coins, currency) == coins
    assert not (coins.is_zero() and coins.is_signed())


@given(amounts, amounts, currencies)
def test_rounding_keeps_the_order(one: Decimal, other: Decimal, currency: str) -> None:
    assert (rounded(min(one, other), currency) <= rounded(max(one, other), currency)) is True


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_the_text_of_an_amount_is_plain_and_exact(exact: Decimal) -> None:
    assert "E" not in as_text(exact)
    assert Decimal(as_text(exact)) == exact


@given(windows, windows)
def test_two_windows_overlap_where_some_moment_is_in_both(one: Window, other: Window) -> None:
    common = one.intersection(other)

    assert one.overlaps(other) is other.overlaps(one) is (common is not None)
    if common:
        assert one.contains(common.start)
        assert other.contains(common.start)
        assert common.duration <= min(one.duration, other.duration)


@given(windows, st.integers(1, 100))
def test_windows_that_touch_do_not_overlap(one: Window, length: int) -> None:
    following = Window.lasting(one.end, timedelta(seconds=length))

    assert not one.overlaps(following)
    assert one.contains(one.start)
    assert not one.contains(one.end)


@pytest.mark.parametrize("length_s", [0, -1])
def test_an_empty_or_reversed_window_cannot_be_made(length_s) -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Window.lasting(NOON, timedelta(seconds=length_s))


@pytest.mark.parametrize("zone", [None, ZoneInfo("UTC"), ZoneInfo("Europe/Amsterdam")])
def test_a_window_is_in_utc_only(zone) -> None:
    with pytest.raises(ValueError, match=r"datetime\.UTC only"):
        Window(NOON.replace(tzinfo=zone), NOON + timedelta(hours=1))
