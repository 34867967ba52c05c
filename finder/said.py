"""What chargers say and what they are answered: a report as it came in, the report made of it, and the verdict."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from finder.domain.freshness import believed_time
from finder.domain.status import Report, technical_status_of

EARLIEST = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class Outcome(StrEnum):
    """What became of one report of a call."""

    ACCEPTED = "accepted"
    OLDER = "older"
    UNKNOWN_PORT = "unknown_port"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one report; `clamped`: its clock ran ahead, so it counts for the time when it came."""

    outcome: Outcome
    clamped: bool = False


@cache
def verdict(outcome: Outcome, *, clamped: bool = False) -> Verdict:
    """The verdict that says so: there are few, and many reports."""
    return Verdict(outcome, clamped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One report as it came in: the charger's own word and time."""

    station_id: str
    port_number: int
    technical_status: str
    reported_at: datetime
    sequence: int = 0
    error_code: str | None = None
    card: str | None = None


def report_of(said: Said, now: datetime) -> Report | None:
    """What came in, as a report; None where its time cannot be."""
    if said.reported_at < EARLIEST:
        return None
    reported_at, clamped = believed_time(said.reported_at, now)
    technical_status = technical_status_of(said.technical_status)
    is_own_word = said.technical_status == technical_status
    return Report(
        technical_status=technical_status,
        reported_at=reported_at,
        sequence=said.sequence,
        received_at=now,
        status_changed_at=reported_at,
        error_code=said.error_code,
        raw_status=None if is_own_word else said.technical_status,
        clamped=clamped,
        card=said.card,
    )
