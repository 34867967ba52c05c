"""The words of the reference model: the rules' numbers, what is asked, promised and reserved, what a port says."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

MICROSECOND, SECOND, MINUTE = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1)
HOUR = 60 * MINUTE
BEGINNING = datetime(2026, 3, 10, 12, tzinfo=UTC)
STATION_ID = "1:1"
PORTS = {1: True, 2: True, 3: False}  # whether each can be reserved; they serve equally well
CARDS = {"ada": {"ada 1": True, "ada 2": True, "ada off": False}, "bob": {"bob 1": True}}  # whether each is active

HOLD, QUOTE = 5 * MINUTE, 10 * MINUTE  # how long each is good for
SHORTEST, LONGEST, FURTHEST = 15 * MINUTE, 24 * HOUR, timedelta(days=30)
CANCELLATION = 30 * MINUTE  # no later than so long before the start
EARLY = GRACE = LATE = 15 * MINUTE  # before the start, after the start, after the end
EXTENSIONS, EXTENDED_BY_MOST = 2, 10 * MINUTE
MOST_HOLDS, MOST_AHEAD = 2, 2  # of one driver: fewer than usual, so that examples come to it
SILENCE = HOUR  # a port that says nothing for longer cannot be reached
OUT = ("faulted", "unavailable")
LIVE = ("HELD", "CONFIRMED", "ACTIVE")


class Refused(Exception):
    """The book says no; the argument is the code that a client reads."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a driver asks for; without a port any that is free."""

    start: datetime
    duration_min: int
    port: int | None = None

    @property
    def end(self) -> datetime:
        return self.start + self.duration_min * MINUTE

    def price(self, per_hour: Decimal | None) -> Decimal | None:
        """Of the time asked for, half a cent counted as one; None is unknown."""
        if per_hour is None:
            return None
        return (per_hour * self.duration_min / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A quote, with what an hour cost then."""

    driver: str
    ask: Ask
    port: int
    per_hour: Decimal | None
    expires_at: datetime

    @property
    def price(self) -> Decimal | None:
        return self.ask.price(self.per_hour)


@dataclass(kw_only=True)
class Entry:
    """A reservation as somebody left it; `moves` is what was done to it, besides what time alone did since."""

    driver: str
    card: str
    port: int
    start: datetime
    end: datetime
    price: Decimal | None
    created_at: datetime
    hold_expires_at: datetime
    state: str = "HELD"
    confirmed_at: datetime | None = None
    extensions: int = 0
    trouble: tuple[str, datetime] | None = None
    moves: list[str] = field(default_factory=lambda: ["held"])

    @property
    def cancel_until(self) -> datetime:
        """From this moment on it can be neither cancelled nor modified."""
        return self.start - CANCELLATION

    @property
    def no_show_at(self) -> datetime:
        return min(self.start + GRACE, self.end)

    def passed_at(self, now: datetime) -> str | None:
        """What time has made of it. The instant of a deadline belongs to what comes after it."""
        if self.state == "HELD" and self.hold_expires_at <= now:
            return "LAPSED"
        if self.state == "CONFIRMED" and self.no_show_at <= now:
            return "NO_SHOW"
        return "COMPLETED" if self.state == "ACTIVE" and self.end + LATE <= now else None

    def state_at(self, now: datetime) -> str:
        """The same whether or not anybody wrote down what time did."""
        return self.passed_at(now) or self.state

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether it takes some of this window. Windows that touch do not meet."""
        return self.start < end and start < self.end

    def become(self, state: str) -> None:
        self.state = state
        self.moves.append(state.lower())

    def tell(self, trouble: tuple[str, datetime] | None) -> None:
        self.trouble = trouble
        self.moves.append("flagged" if trouble else "cleared")


@dataclass(frozen=True)
class Port:
    """What a port said last, when, and since when it says so."""

    said: str
    at: datetime
    since: datetime
