"""UnusablePorts: which ports cannot be used, whoever says so; today what the ports themselves report."""

from collections.abc import Collection, Mapping
from typing import Protocol

from finder.domain.status import TechnicalStatus
from finder.faulty_ports import FaultyPorts
from kernel.database import Database
from reservations.domain.trouble import Reason, Trouble


class UnusablePorts(Protocol):
    """Asked by relocation; maintenance of single ports can answer it beside the reports."""

    def among(self, port_ids: Collection[int]) -> Mapping[int, Trouble]:
        """Of these ports those that cannot be used, and why."""


class Faults:
    """`UnusablePorts` by the ports' latest reports."""

    def __init__(self, database: Database) -> None:
        self._faulty = FaultyPorts(database)

    def among(self, port_ids: Collection[int]) -> Mapping[int, Trouble]:
        """Of these ports those that say they are faulted or unavailable."""
        return {
            port_id: Trouble(reason=_reason(fault.technical_status), since=fault.since)
            for port_id, fault in self._faulty.among(port_ids).items()
        }


def _reason(said: TechnicalStatus) -> Reason:
    return Reason.PORT_FAULTED if said is TechnicalStatus.FAULTED else Reason.PORT_UNAVAILABLE
