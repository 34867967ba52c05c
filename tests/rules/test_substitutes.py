"""Which port serves a driver as well as the one that he cannot have, and when one must be found."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.domain.station import Level, Port
from finder.domain.substitutes import serves_as_well, substitutes
from reservations.domain.lifecycle import COMING, State
from reservations.domain.relocation import is_due
from reservations.domain.trouble import Reason, Trouble
from tests.rules.test_reservation_attendance import NOON, a_reservation, minute

TICK = timedelta(microseconds=1)
plugs = st.lists(st.sampled_from(["J1772", "CCS", "CHADEMO"]), unique=True).map(tuple)
ports = st.builds(
    Port,
    port_number=st.integers(1, 9),
    level=st.sampled_from([None, *Level]),
    power_kw=st.sampled_from([None, 3.6, 7.2, 50.0, 150.0]),
    connectors=plugs,
)


def a_port(number: int, power_kw: float | None = 50.0, *connectors: str) -> Port:
    return Port(port_number=number, power_kw=power_kw, connectors=connectors or ("CCS",))


@given(ports, ports, ports)
def test_serving_as_well_is_reflexive_and_carries_on(one, two, three) -> None:
    assert serves_as_well(one, one)
    if serves_as_well(three, two) and serves_as_well(two, one) and one.connectors and one.power_kw:
        assert serves_as_well(three, one)


@given(st.lists(ports, unique_by=lambda port: port.port_number), ports)
def test_a_substitute_has_every_plug_and_no_less_power_and_is_another_port(others, lost) -> None:
    for port in substitutes(others, lost):
        assert set(lost.connectors) <= set(port.connectors)
        assert lost.power_kw is None or (port.power_kw or 0) >= lost.power_kw
        assert port.port_number != lost.port_number


def test_the_port_with_the_least_power_to_spare_comes_first() -> None:
    others = [a_port(1, 150), a_port(2, 22), a_port(3, 50, "CHADEMO"), a_port(4, 50), a_port(5, None), a_port(6)]

    assert [port.port_number for port in substitutes(others, a_port(6))] == [4, 1]


DUE = [
    ("within the hour at once", 60, 0, True),
    ("later than that not at once", 61, 0, False),
    ("later than that not before it has lasted", 61, -14, False),
    ("within a day once it has lasted", 24 * 60, -15, True),
    ("further ahead not at all", 24 * 60 + 1, -600, False),
    ("after the start too", -10, 0, True),
]


@pytest.mark.parametrize(("starts", "since", "due"), [case[1:] for case in DUE], ids=[case[0] for case in DUE])
def test_a_port_is_found_in_time_and_not_for_a_charger_that_only_starts_anew(starts, since, due) -> None:
    trouble = Trouble(reason=Reason.PORT_FAULTED, since=minute(since))

    assert is_due(a_reservation(starts=starts), trouble, NOON) is due


@given(st.sampled_from(State))
def test_only_who_is_still_to_come_is_moved(state) -> None:
    trouble = Trouble(reason=Reason.PORT_FAULTED, since=NOON)

    assert is_due(a_reservation(state), trouble, NOON) == (state in COMING)
