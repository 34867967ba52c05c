"""Rules of maintenance: whom a window concerns, when it lasts, and what it makes of a status."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.availability import PortStatus, port_status
from finder.domain.freshness import Freshness, Interruption, StaleReason, Thresholds
from finder.domain.maintenance import (
    Effect,
    Maintenance,
    MaintenanceWindowNotPossible,
    Scope,
    State,
    WritesPaused,
    check_writes,
    concerning,
    interruption_by,
    is_maintenance_id,
    new_maintenance_id,
    window_of,
)
from finder.domain.status import Report, Status, TechnicalStatus, status_of
from kernel.window import Window

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
USUAL = Thresholds()
OWNERS = {"1:1": "a", "1:2": "b", "2:1": "a", "2:2": ""}
seconds = st.integers(-20_000, 20_000)


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


def a_window(start: int = 0, end: int = 600, scope: Scope | None = None, *effects: Effect) -> Maintenance:
    return Maintenance(
        maintenance_id=new_maintenance_id(),
        scope=scope or Scope(),
        window=Window(at(start), at(end)),
        message="Upgrade",
        effects=frozenset(effects or Effect),
        announced_at=NOON,
    )


def told(said_at: int, now: int, interruption: Interruption | None, *, word=TechnicalStatus.AVAILABLE) -> PortStatus:
    report = Report(word, at(said_at), 0, at(said_at), at(said_at))
    return port_status(report, reserved=False, now=at(now), thresholds=USUAL, interruption=interruption)


def since(second: int) -> Interruption:
    return Interruption(StaleReason.MAINTENANCE, since=at(second))


@given(seconds, st.integers(0, 20_000), st.sampled_from(TechnicalStatus))
def test_what_was_said_before_is_stale_and_does_not_age_to_silence(said: int, lasts: int, word) -> None:
    before = told(said, 0, None, word=word)

    meanwhile = told(said, lasts, since(0), word=word)

    if said < 0:
        assert meanwhile.status is before.status
        assert (meanwhile.age.freshness, meanwhile.age.stale_reason) == (Freshness.STALE, StaleReason.MAINTENANCE)
        assert meanwhile.age.age_s == lasts - said


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.sampled_from(TechnicalStatus))
def test_what_is_said_meanwhile_is_fresh_for_as_long_as_ever(said: int, age: int, word) -> None:
    found = told(said, said + age, since(0), word=word)

    assert found.status is status_of(word)
    assert (found.age.freshness is Freshness.FRESH) is (age <= USUAL.stale_after_s)
    assert found.age.stale_reason is (None if age <= USUAL.stale_after_s else StaleReason.MAINTENANCE)


def test_a_port_that_was_unreachable_before_stays_so() -> None:
    assert told(-3601, 5, since(0)).status is Status.UNREACHABLE
    assert told(-3600, 5000, since(0)).status is Status.AVAILABLE
    assert told(-3600, 5000, None).status is Status.UNREACHABLE


def test_a_reason_without_a_beginning_makes_nothing_stale() -> None:
    outage = Interruption(StaleReason.UPSTREAM_OUTAGE)

    assert told(-900, 0, outage).age.freshness is Freshness.FRESH
    assert told(-901, 0, outage).age.stale_reason is StaleReason.UPSTREAM_OUTAGE
    assert told(-3601, 0, outage).status is Status.UNREACHABLE


def test_of_several_windows_the_one_that_began_first_says_since_when() -> None:
    windows = [a_window(0), a_window(-60, 300), a_window(-600, 9, None, Effect.WRITES_PAUSED)]

    assert interruption_by(windows) == since(-60)
    assert interruption_by(windows[2:]) is None


scopes = st.one_of(
    st.builds(Scope, network_id=st.sampled_from([1, 2, 3])),
    st.builds(Scope, organization_id=st.sampled_from(["A", "B", "C"])),
    st.builds(Scope, station_ids=st.lists(st.sampled_from(sorted(OWNERS)), min_size=1, unique=True).map(tuple)),
    st.just(Scope()),
)


def is_meant(scope: Scope, station_id: str) -> bool:
    """The rule said once more, without any index."""
    if scope.network_id is not None:
        return station_id.startswith(f"{scope.network_id}:")
    if scope.organization_id is not None:
        return scope.organization_id.casefold() == OWNERS[station_id]
    return not scope.station_ids or station_id in scope.station_ids


@given(st.lists(scopes, max_size=6), st.sampled_from(sorted(OWNERS)))
def test_a_station_is_concerned_by_the_windows_that_mean_it(wanted: list[Scope], station_id: str) -> None:
    windows = [a_window(number, 600, scope) for number, scope in enumerate(wanted)]

    found = concerning(windows, str.casefold).at(station_id, OWNERS[station_id])

    assert list(found) == [one for one in windows if is_meant(one.scope, station_id)]
    assert bool(concerning(windows)) is bool(windows)


@pytest.mark.parametrize(
    ("second", "state"),
    [(-1, State.ANNOUNCED), (0, State.ACTIVE), (599, State.ACTIVE), (600, State.ENDED), (10**6, State.ENDED)],
)
def test_a_window_lasts_from_its_start_to_just_before_its_end(second: int, state: State) -> None:
    assert a_window().state_at(at(second)) is state


@given(st.one_of(st.none(), seconds), seconds, seconds)
def test_a_window_that_can_be_is_given_back_and_no_other(start: int | None, end: int, now: int) -> None:
    begins = now if start is None else start
    try:
        found = window_of(None if start is None else at(start), at(end), at(now))
    except MaintenanceWindowNotPossible:
        assert end <= begins or end <= now or begins < now - 120
    else:
        assert found == Window(at(begins), at(end))
        assert begins >= now - 120
        assert end > now


@given(st.integers(0, 599_999))
def test_whoever_is_refused_is_told_when_to_come_back(now: int) -> None:
    windows = [a_window(0, 600_000), a_window(0, 1), a_window(0, 700_000, None, Effect.STATUS_DELAYED)]

    with pytest.raises(WritesPaused) as refused:
        check_writes(windows, at(now))

    assert int(refused.value.headers["Retry-After"]) == min(3600, 600_000 - now)


def test_without_a_pause_nothing_is_refused() -> None:
    check_writes([a_window(0, 600, None, Effect.STATUS_DELAYED, Effect.RESERVATIONS_CLOSED)], NOON)
    check_writes([], NOON)


def test_an_id_is_one_of_ours() -> None:
    assert is_maintenance_id(new_maintenance_id())
    assert not any(map(is_maintenance_id, ("", "mnt_", "mnt_0", "rsv_0000000000000000", "mnt_000000000000000\n")))
