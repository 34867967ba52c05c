"""Trouble: what stands between a driver and a reserved port, as far as we were told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """What the trouble is."""

    PORT_FAULTED = "port_faulted"
    PORT_UNAVAILABLE = "port_unavailable"
    OTHER_CARD = "port_in_use_by_another_card"


OF_THE_PORT = frozenset({Reason.PORT_FAULTED, Reason.PORT_UNAVAILABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What it is, and since when."""

    reason: Reason
    since: datetime
