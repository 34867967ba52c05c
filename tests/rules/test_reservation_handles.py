"""Handles: unguessable, never twice, and recognised before the database is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations.domain.handles import is_handle, is_quote_id, new_handle, new_quote_id


def test_ten_thousand_handles_are_all_different() -> None:
    assert len({new_handle() for _ in range(10_000)}) == 10_000


def test_a_handle_carries_at_least_128_bits_in_64_letters() -> None:
    assert 6 * len(new_handle().removeprefix("rsv_")) >= 128


def test_each_kind_is_recognised_as_what_it_is() -> None:
    handle, quote_id = new_handle(), new_quote_id()

    assert (is_handle(handle), is_quote_id(handle)) == (True, False)
    assert (is_handle(quote_id), is_quote_id(quote_id)) == (False, True)


@given(st.text())
def test_other_texts_are_not_handles(text) -> None:
    assert not is_handle(text)
    assert not is_quote_id(text)


@pytest.mark.parametrize("tail", ["\n", "\x00", " ", "é", "a"])
def test_nothing_may_follow_a_handle(tail) -> None:
    assert not is_handle(new_handle() + tail)
