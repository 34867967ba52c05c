"""The checkers of the race runs, on ledgers and histories written by hand: what is a fault and what only looks so."""

from dataclasses import replace
from typing import Any

from faults.apart import double_holds, lives, unfounded_refusals
from faults.books import Books, unanswered
from faults.hoard import most_at_once
from faults.linear import Op, is_linearizable
from faults.orders import Entry


def entry(deed: str, sent: int, received: int | None, **more: Any) -> Entry:
    usual: dict[str, Any] = {"client": 1, "port": 1, "slots": range(1), "handle": "a"}
    status = None if received is None else 201 if deed == "hold" else 200
    return Entry(deed=deed, sent=sent, received=received, **({"status": status} | usual | more))


def refused(sent: int, received: int, **more: Any) -> Entry:
    return entry("hold", sent, received, status=409, code="port_taken", handle=None, **more)


def test_two_holds_certain_at_one_moment_are_a_double_hold() -> None:
    ledger = [entry("hold", 0, 10), entry("hold", 20, 30, handle="b"), entry("release", 40, 50)]

    assert double_holds(lives(ledger)) == {("a", "b")}


def test_holds_that_may_have_been_apart_are_none() -> None:
    ledger = [entry("hold", 0, 10), entry("release", 15, 50), entry("hold", 12, 30, handle="b")]

    assert double_holds(lives(ledger)) == set()


def test_a_hold_that_ran_out_is_no_longer_certain_and_a_confirmed_one_is() -> None:
    lapsed = [entry("hold", 0, 10, expires=20), entry("hold", 25, 30, handle="b")]

    assert double_holds(lives(lapsed)) == set()
    assert double_holds(lives([*lapsed, entry("confirm", 12, 18)])) == {("a", "b")}


def test_a_refusal_needs_somebody_who_may_have_held_the_window() -> None:
    ledger = [entry("hold", 0, 10), entry("release", 20, 30), refused(25, 40), refused(31, 40), refused(5, 6, port=2)]

    assert unfounded_refusals(ledger, lives(ledger)) == ledger[3:]


def test_a_hold_that_was_never_answered_founds_every_later_refusal() -> None:
    ledger = [entry("hold", 0, None, handle=None), refused(1_000, 1_001)]

    assert unfounded_refusals(ledger, lives(ledger)) == []


def test_a_move_that_cannot_be_is_seen() -> None:
    ledger = [entry("hold", 0, 1), entry("release", 2, 3), entry("confirm", 4, 5)]

    assert lives(ledger)["a"].illegal == ledger[2:]


def test_live_holds_are_counted_at_every_moment() -> None:
    ledger = [
        entry(deed, at, at + 1, handle=name)
        for name, start in (("a", 0), ("b", 2), ("c", 20))
        for deed, at in (("hold", start), ("release", start + 10))
    ]

    assert most_at_once(ledger) == 2


def test_what_was_acknowledged_and_is_not_there_is_lost() -> None:
    assert Books(kept={}, moved={}, told={"a": ["held"]}).lost(lives([entry("hold", 0, 1)])) == ["a"]
    assert Books(kept={}, moved={}, told={"a": ["held"]}).unbalanced() == ["a"]


def test_a_key_that_was_answered_in_the_end_leaves_nothing_open() -> None:
    lost, answered = entry("hold", 0, None, key="k", handle=None), entry("hold", 5, 6, key="k")

    assert unanswered([lost, lost]) == [lost]
    assert unanswered([lost, answered]) == []


HOLD = Op("hold", 1, frozenset({1}), called=0, returned=10, ok=True)


def test_one_of_two_holds_at_once_is_linearizable_and_both_are_not() -> None:
    other = replace(HOLD, hold_id=2, called=5, returned=15)

    assert is_linearizable([HOLD, replace(other, ok=False)])
    assert not is_linearizable([HOLD, other])


def test_a_refusal_before_the_hold_was_asked_for_is_not_linearizable() -> None:
    assert not is_linearizable([replace(HOLD, called=20, returned=30), replace(HOLD, hold_id=2, ok=False)])


def test_what_was_never_answered_explains_either_way() -> None:
    lost = replace(HOLD, returned=None, ok=None)
    later = replace(HOLD, hold_id=2, called=50, returned=60)

    assert is_linearizable([lost, later])
    assert is_linearizable([lost, replace(later, ok=False)])
    assert not is_linearizable([lost, later, replace(later, hold_id=3, called=70, returned=80)])
