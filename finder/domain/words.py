"""The words of one language that a tariff is told in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Templates and names; a template's fields are in braces. Units of time are singular and plural."""

    decimal_sign: str
    thousands_sign: str
    symbol_first: bool
    months: tuple[str, ...]
    days: tuple[str, ...]
    date: str  # {day} {month} {year}
    first_of_month: str
    moment: str  # {date} {time}
    clock: Callable[[time], str]
    hours: tuple[str, str]
    minutes: tuple[str, str]
    seconds: tuple[str, str]
    and_: str

    unknown: str
    owner_says: str  # {text}
    free: str
    per_kwh: str  # {price}
    per_session: str
    per_hour: str
    per_hour_connected: str
    per_minute: str
    idle: str
    idle_after: str  # {length}
    reservation: str
    reserved_energy: str
    reserved_time: str
    unused_reservation: str
    unused_reserved_time: str
    otherwise: str
    then: str
    blocks: str  # {size}

    at_least: str  # {price}
    at_most: str
    before_tax: str
    before_and_after_tax: str  # {before} {after}
    plus_vat: str  # {rate}
    no_vat: str
    longest_stay: str  # {length}
    per_reservation: str
    valid_from: str  # {moment}
    valid_until: str
    quoted: str  # {text}
    see: str  # {url}

    between_times: str  # {begin} {end}
    from_date: str  # {date}
    before_date: str
    day_range: str  # {first} {last}
    day_list: str  # {days}
    up_to: str  # {amount}, of time or energy
    after: str
    between: str  # {least} {most}
    no_less_than: str  # {amount}, of power or current
    less_than: str


def twenty_four_hours(shown: time) -> str:
    """A time as `8:00`, with seconds where there are any."""
    text = f"{shown.hour}:{shown.minute:02}"
    return text + seconds_of(shown, ":")


def seconds_of(shown: time, sign: str) -> str:
    """The seconds of a time after a sign, or nothing."""
    if not shown.second and not shown.microsecond:
        return ""
    fraction = f".{shown.microsecond:06}" if shown.microsecond else ""
    return f"{sign}{shown.second:02}{fraction}"
