"""Windows: half-open spans of time `[start, end)`, in UTC only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open span of time. Two windows that touch do not overlap.

    Only `datetime.UTC` is taken: two moments in one other zone subtract by wall clock, so a night with a clock
    change would be an hour too long or too short. Raises ValueError for other zones and for empty or reversed spans.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("a window takes moments in datetime.UTC only")
        if self.end <= self.start:
            raise ValueError("a window ends after it starts")

    @classmethod
    def lasting(cls, start: datetime, duration: timedelta) -> "Window":
        return cls(start, start + duration)

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Window") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def intersection(self, other: "Window") -> "Window | None":
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None
