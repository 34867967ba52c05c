"""JSON and values: reading notes every fault with its pointer, so that a client hears of all of them at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
Json = str | int | list["Json"] | dict[str, "Json"]

_NUMBER = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,18})?", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Reader:
    """One JSON object at a pointer; `faults` is shared by all readers of a document."""

    values: Mapping[str, object]
    pointer: str = ""
    faults: list[dict[str, str]] = field(default_factory=list)

    def fault(self, name: str, detail: str) -> None:
        self.faults.append({"pointer": f"{self.pointer}/{name}" if name else self.pointer, "detail": detail})

    def only(self, names: frozenset[str]) -> None:
        """Note every property that is not one of these."""
        for name in self.values:
            if name not in names:
                self.fault(_escaped(str(name)), "is not a known property")

    def value(self, name: str, read: Callable[[object], _T]) -> _T | None:
        """The value, None where it is absent or null or faulty; `read` raises ValueError with the detail."""
        raw = self.values.get(name)
        if raw is None:
            return None
        try:
            return read(raw)
        except ValueError as error:
            self.fault(name, str(error))
            return None

    def required(self, name: str, read: Callable[[object], _T]) -> _T | None:
        if self.values.get(name) is None:
            self.fault(name, "is required")
        return self.value(name, read)

    def child(self, name: str) -> "Reader | None":
        raw = self.values.get(name)
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            self.fault(name, "must be an object")
            return None
        return Reader(raw, f"{self.pointer}/{name}", self.faults)

    def children(self, name: str, *, most: int) -> "list[Reader]":
        """The objects of a list, in order; absent is empty."""
        raw = self.values.get(name)
        if raw is None:
            return []
        if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
            self.fault(name, "must be a list")
            return []
        if len(raw) > most:
            self.fault(name, f"must not hold more than {most} entries")
            return []
        found = []
        for number, entry in enumerate(raw):
            if isinstance(entry, Mapping):
                found.append(Reader(entry, f"{self.pointer}/{name}/{number}", self.faults))
            else:
                self.fault(f"{name}/{number}", "must be an object")
        return found


def _escaped(name: str) -> str:
    """A name as a part of a pointer (RFC 6901), in letters that can be sent."""
    sendable = name[:100].encode("utf-8", "backslashreplace").decode()
    return sendable.replace("~", "~0").replace("/", "~1")


def amount(raw: object) -> Decimal:
    """A number that is not negative: JSON number or decimal string, at most 18 decimals, below 10^12."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise ValueError("must be a number")
    if isinstance(raw, int) and abs(raw) >= _MOST:
        raise ValueError("must be less than 1000000000000")
    number = _decimal(raw)
    if number < 0:
        raise ValueError("must not be negative")
    if number >= _MOST:
        raise ValueError("must be less than 1000000000000")
    return abs(number)


def _decimal(raw: float | Decimal | str) -> Decimal:
    text = raw if isinstance(raw, str) else _digits(Decimal(str(raw)))
    if not _NUMBER.fullmatch(text):
        raise ValueError("must be a finite number with at most 18 decimals")
    return Decimal(text)


def _digits(number: Decimal) -> str:
    """Plain digits, but only of a number whose digits are few."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -40 < exponent < 40:
        return str(number)
    return f"{number:f}"


def whole(raw: object, *, least: int = 0, most: int = 1_000_000_000) -> int:
    """A whole number in a range; 900.0 is one too."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError("must be a whole number")
    if not least <= raw <= most:
        raise ValueError(f"must be from {least} to {most}")
    return raw


def positive(raw: object) -> int:
    """A whole number that is not 0."""
    return whole(raw, least=1)


def text(raw: object) -> str:
    """A text that can be stored: no NUL, no lone surrogates, at most 2000 characters."""
    if not isinstance(raw, str):
        raise ValueError("must be a text")
    if len(raw) > 2000 or "\x00" in raw or any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise ValueError("must be a text of at most 2000 characters, all of them valid")
    return raw


def clock_time(raw: object) -> time:
    """A local time, `HH:MM` or `HH:MM:SS`; `24:00` is midnight."""
    if raw in ("24:00", "24:00:00"):
        return time(0)
    if not isinstance(raw, str) or not _TIME.fullmatch(raw):
        raise ValueError("must be a time such as 17:30")
    return time.fromisoformat(raw)


def calendar_date(raw: object) -> date:
    """A date, `YYYY-MM-DD`."""
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise ValueError("must be a date such as 2026-12-24")
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise ValueError("must be a date of the calendar") from None


def moment(raw: object) -> datetime:
    """A moment as UTC; without an offset it is UTC already (OCPI DateTime)."""
    if not isinstance(raw, str) or not _MOMENT.fullmatch(raw):
        raise ValueError("must be a moment such as 2026-12-24T17:30:00Z")
    try:
        read = datetime.fromisoformat(raw)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a moment of the calendar") from None


def one_of(kinds: type[_E]) -> Callable[[object], _E]:
    """Reads one word of an enumeration."""

    def read(raw: object) -> _E:
        for kind in kinds:
            if kind.value == raw:
                return kind
        raise ValueError(f"must be one of {', '.join(kinds)}")

    return read


def present(values: Mapping[str, Json | None]) -> dict[str, Json]:
    """The properties without those that are None."""
    return {name: value for name, value in values.items() if value is not None}


def plain(value: Decimal | datetime | date | time | None) -> str | None:
    """The value as this module reads it back, without loss."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat("auto" if value.second else "minutes") if isinstance(value, time) else value.isoformat()
