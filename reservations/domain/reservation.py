"""What a driver asks for, what is promised for it, and the reservation itself."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from finder.domain.visibility import Viewer
from kernel.window import Window
from reservations.domain.lifecycle import State
from reservations.domain.passing import Deadlines, begins_from, deadlines, passing
from reservations.domain.policy import Policy
from reservations.domain.price import Price
from reservations.domain.trouble import Trouble

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a driver asks for (guide 7.4.2, 7.5.2). Without `port_number` the desk chooses; `start` is in UTC.

    `viewer` is who looks for the station; None where it has been found before.
    """

    station_id: str
    start: datetime
    duration_min: int
    port_number: int | None = None
    viewer: Viewer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price for a port and a window, promised to one driver until `expires_at`."""

    quote_id: str
    driver_id: int
    port_id: int
    station_id: str
    port_number: int
    window: Window
    price: Price
    hold_min: int
    cancellation_interval_min: int
    cancel_until: datetime
    created_at: datetime
    expires_at: datetime
    policy: Policy = field(default_factory=Policy)

    @property
    def start(self) -> datetime:
        return self.window.start

    @property
    def end(self) -> datetime:
        return self.window.end

    @property
    def duration_min(self) -> int:
        return self.window.duration // _MINUTE

    def is_for(self, wish: Wish) -> bool:
        """Whether it is the price of what is asked for; a wish without a port takes the quote's."""
        return (
            wish.station_id == self.station_id
            and wish.port_number in (None, self.port_number)
            and wish.start == self.start
            and wish.duration_min == self.duration_min
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A port, held or reserved for one driver in a window; `port_id`, `driver_id`, `client_id` are ours, never told.

    `policy` is what was promised with it and stays when the station's policy changes.
    """

    handle: str
    driver_id: int
    port_id: int
    station_id: str
    port_number: int
    card: str
    state: State
    window: Window
    price: Price
    cancellation_interval_min: int
    cancel_until: datetime
    hold_expires_at: datetime
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = None
    policy: Policy = field(default_factory=Policy)
    client_id: int | None = None
    extensions: int = 0
    trouble: Trouble | None = None

    @property
    def start(self) -> datetime:
        return self.window.start

    @property
    def end(self) -> datetime:
        return self.window.end

    @property
    def duration_min(self) -> int:
        return self.window.duration // _MINUTE

    @property
    def due(self) -> Deadlines:
        return deadlines(self.window, self.policy, self.hold_expires_at)

    @property
    def begins_from(self) -> datetime:
        return begins_from(self.window, self.policy)

    def at(self, moment: datetime) -> "Reservation":
        """The reservation as it is at a moment: the same whether or not what time did has been written down yet."""
        passed = passing(self.state, self.due, moment)
        if passed is None:
            return self
        state, since = passed
        return replace(self, state=state, updated_at=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a driver wants a reservation to be instead; None is as it was. `held` is the version that is known."""

    start: datetime | None = None
    duration_min: int | None = None
    port_number: int | None = None
    quote_id: str | None = None
    held: datetime | None = None

    def changes_nothing_of(self, reservation: Reservation) -> bool:
        """Whether the reservation is already what is wanted, and no quote asks for other terms."""
        is_same = self.quote_id is None and self.port_number in (None, reservation.port_number)
        is_then = self.start in (None, reservation.start)
        return is_same and is_then and self.duration_min in (None, reservation.duration_min)

    def of(self, reservation: Reservation) -> Wish:
        """The whole wish, with what is not changed taken from the reservation."""
        return Wish(
            station_id=reservation.station_id,
            start=self.start or reservation.start,
            duration_min=reservation.duration_min if self.duration_min is None else self.duration_min,
            port_number=reservation.port_number if self.port_number is None else self.port_number,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which of a driver's reservations are asked for (guide 7.7); None and empty are not asked."""

    driver_id: int
    start: datetime | None = None
    end: datetime | None = None
    card: str | None = None
    states: frozenset[State] = frozenset()
