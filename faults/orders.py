"""What clients are told to do and what they take down: light, since every process of clients reads it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from faults.wire import Heard

STATION = "1:900001"
PORTS = 6
SLOTS = 48
SLOT = timedelta(minutes=30)
HOLDS = "/v1/reservations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One client: its number and dice, the server, its driver's card and token, and how many attempts it makes.

    Windows are slots of half an hour from `first` on. `patient` clients go on where an answer is lost.
    `histories` are those that a client takes part in, where they are to be checked.
    """

    number: int
    seed: int
    port: int
    card: str
    token: str
    attempts: int
    first: datetime
    patient: bool = False
    has_keys: bool = True
    histories: tuple[int, ...] = ()

    def wish(self, port: int | None, slot: int, slots: int = 1) -> dict[str, Any]:
        """The body of a hold."""
        wish = {"station_id": STATION, "start": text_of(self.first + slot * SLOT), "duration_min": 30 * slots}
        return {**wish, "card": self.card} | ({} if port is None else {"port_number": port})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing asked: `hold`, `confirm`, `release` or `cancel`. Times are monotonic nanoseconds.

    Without `received` no answer came (`status` is None) or one that does not say whether it was done (503).
    """

    client: int
    deed: str
    port: int
    slots: range
    sent: int = 0
    received: int | None = None
    status: int | None = None
    code: str | None = None
    key: str | None = None
    handle: str | None = None
    expires: int | None = None

    def told(self, heard: Heard) -> "Entry":
        """The entry with what came back."""
        made = heard.json if heard.status == 201 else None
        return replace(
            self,
            sent=heard.sent,
            received=heard.received if heard.status != 503 else None,
            status=heard.status,
            code=heard.code,
            handle=made["handle"] if made else self.handle,
            expires=monotonic_of(made["hold_expires_at"]) if made else self.expires,
        )

    @property
    def is_done(self) -> bool:
        return self.received is not None and self.status in (200, 201)


def text_of(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def monotonic_of(text: str) -> int:
    """A moment of the API as monotonic nanoseconds of this machine."""
    moment = datetime.fromisoformat(text)
    return time.monotonic_ns() - time.time_ns() + int(moment.timestamp() * 1_000_000) * 1_000


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0
