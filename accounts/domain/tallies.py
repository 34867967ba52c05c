"""How many passwords may be tried: tallies of tries, each for a window that grows while it keeps being used up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from ipaddress import IPv6Address, ip_address

from kernel.errors import Refusal

WINDOW = timedelta(minutes=15)
_DOUBLINGS = 2  # an hour at most
_STREAK_ENDS_AFTER = timedelta(days=1)


class Counted(Enum):
    """What tries are counted for, and how many of them a window takes.

    A driver who tries from a place that he signed in from before is counted for that place alone, so nobody
    elsewhere can use up what he has.
    """

    SOURCE = "source"
    ACCOUNT = "account"
    PLACE = "place"

    @property
    def most(self) -> int:
        return 50 if self is Counted.SOURCE else 10


class TooManyAttempts(Refusal):
    """Too many passwords were tried. Please wait, or sign in from where you have been signed in before."""

    status = 429
    code = "too_many_attempts"

    def __init__(self, *, retry_after_s: int = 1) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_s)})


@dataclass(frozen=True, slots=True)
class Tally:
    """Tries counted until `ends_at`; `streak` says how many windows before this one were used up in a row."""

    tries: int
    ends_at: datetime
    streak: int = 0

    def with_one_more(self, now: datetime, *, most: int) -> "Tally":
        """The tally after another try. Raises TooManyAttempts where the window has had its tries."""
        if now >= self.ends_at:
            return self._next_window(now, most=most)
        if self.tries >= most:
            left = self.ends_at - now
            raise TooManyAttempts(retry_after_s=-(-left // timedelta(seconds=1)))
        return replace(self, tries=self.tries + 1)

    def with_one_given_back(self) -> "Tally":
        """The tally without a try that turned out well."""
        return replace(self, tries=max(0, self.tries - 1))

    def _next_window(self, now: datetime, *, most: int) -> "Tally":
        goes_on = self.tries >= most and now - self.ends_at < _STREAK_ENDS_AFTER
        streak = min(self.streak + 1, _DOUBLINGS) if goes_on else 0
        return Tally(1, now + WINDOW * 2**streak, streak)


def source_of(address: str) -> str:
    """What is counted as one source: an IPv4 address, or the /64 network that one IPv6 host has to itself."""
    try:
        found = ip_address(address)
    except ValueError:  # a proxy on a Unix socket has none
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)
