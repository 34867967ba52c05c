"""The guide's pricing (4.1 guide, 6.1.3, 1.2.3.2): a price list, or two by time of day, per charge or reservation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from finder.domain.ocpi_tariff import InvalidTariff
from finder.domain.wall_clock import MIDNIGHT, in_band

_LONGEST = 1_000_000_000
_DURATION = "must be more than 0 and not out of all reason"
_FOR_FIRST, _THEREAFTER = "unit_price_for_first", "unit_price_per_hour_thereafter"

Fault = tuple[str, str]


class GuideType(StrEnum):
    """The guide's word for a kind of pricing (6.1.3 Type).

    NONE is said where none of the other words fits: nothing is charged, or several kinds of price are added up. The
    guide's own sample 1:41613 is of Type None with a minPrice of 0.50 and a unitPricePerHour of 1.50, and costs what
    these say: prices count whatever the word.
    """

    SESSION = "SESSION"
    HOURLY = "HOURLY"
    KWH = "KWH"
    LENGTH_OF_TIME = "LENGTH_OF_TIME"
    TIME_OF_DAY = "TIME_OF_DAY"
    NONE = "NONE"


class Basis(StrEnum):
    """What a station charges for: one of the two, never both (1.2.3.2)."""

    CHARGE = "CHARGE"
    RESERVATION = "RESERVATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLength:
    """Prices per hour before and after the first `duration_s` seconds of a stay (6.1.3, 6.3.3 Initial Duration)."""

    price_for_first: Decimal
    duration_s: int
    price_thereafter: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidePart:
    """Unit prices that are added up, from `start_time` to `end_time` of the local day, or past midnight.

    Midnight to midnight is the whole day. None is a mode of pricing that is not enabled; a price is more than 0, but
    for those by length of time, where one of 0 says that the first or the later hours are free. `min_price`,
    `max_price` and `session_time_min` are for what a session, or a reservation, costs and lasts in this part.
    """

    start_time: time = MIDNIGHT
    end_time: time = MIDNIGHT
    per_hour: Decimal | None = None
    per_session: Decimal | None = None
    per_kwh: Decimal | None = None
    by_length: ByLength | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    session_time_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidePricing:
    """The pricing of a station: one part for the whole day, or two that make up the day without a gap.

    Prices are what is paid: the guide knows no tax. Raises InvalidTariff, which points into the JSON form of
    `guide_pricing_json` at every fault.
    """

    currency: str
    parts: tuple[GuidePart, ...]
    basis: Basis = Basis.CHARGE

    def __post_init__(self) -> None:
        faults = [{"pointer": pointer, "detail": detail} for pointer, detail in faults_of(self)]
        if faults:
            raise InvalidTariff(errors=faults)

    @property
    def type(self) -> GuideType:
        """The guide's word for it; it follows from the parts."""
        return GuideType.TIME_OF_DAY if len(self.parts) > 1 else _type_of(self.parts[0])


def _type_of(part: GuidePart) -> GuideType:
    words = {
        GuideType.LENGTH_OF_TIME: part.by_length,
        GuideType.HOURLY: part.per_hour,
        GuideType.SESSION: part.per_session,
        GuideType.KWH: part.per_kwh,
    }
    enabled = [word for word, price in words.items() if price is not None]
    return enabled[0] if len(enabled) == 1 else GuideType.NONE


def faults_of(pricing: GuidePricing) -> Iterator[Fault]:
    """What is wrong with a pricing: pointers and details."""
    if len(pricing.parts) not in (1, 2):
        yield "/parts", "must hold one part, or two by time of day"
        return
    for number, part in enumerate(pricing.parts):
        yield from ((f"/parts/{number}/{name}", detail) for name, detail in _part_faults(part))
    yield from _day_faults(pricing.parts)


def _part_faults(part: GuidePart) -> Iterator[Fault]:
    prices = {
        "unit_price_per_hour": part.per_hour,
        "unit_price_per_session": part.per_session,
        "unit_price_per_kwh": part.per_kwh,
    }
    for name, price in prices.items():
        if price is not None and not (price.is_finite() and price > 0):
            yield name, "must be more than 0"
    if part.by_length:
        yield from _length_faults(part.by_length, part.per_hour)
    yield from _limit_faults(part)


def _length_faults(by_length: ByLength, per_hour: Decimal | None) -> Iterator[Fault]:
    for name, price in ((_FOR_FIRST, by_length.price_for_first), (_THEREAFTER, by_length.price_thereafter)):
        if not (price.is_finite() and price >= 0):
            yield name, "must not be negative"
    if not 0 < by_length.duration_s <= _LONGEST:
        yield "first_duration_hours", _DURATION
    if per_hour is not None:
        yield "unit_price_per_hour", f"cannot stand beside {_FOR_FIRST}, which is a price per hour too"


def _limit_faults(part: GuidePart) -> Iterator[Fault]:
    least, most = part.min_price, part.max_price
    for name, limit in (("min_price", least), ("max_price", most)):
        if limit is not None and not (limit.is_finite() and limit > 0):
            yield name, "must be more than 0"
    if part.session_time_min is not None and not 0 < part.session_time_min <= _LONGEST:
        yield "session_time_hours", _DURATION
    if least is not None and most is not None and most < least:
        yield "max_price", "must not be less than min_price"


def _day_faults(parts: tuple[GuidePart, ...]) -> Iterator[Fault]:
    first = parts[0]
    if len(parts) == 1:
        if first.start_time != MIDNIGHT or first.end_time != MIDNIGHT:
            yield "/parts/0", "must be from 00:00:00 to 24:00:00, or another part must be the rest of the day"
        return
    second = parts[1]
    for number, part in enumerate(parts):
        if part.start_time == part.end_time:
            yield f"/parts/{number}/end_time", "must not be its start_time where there are two parts"
    if (first.start_time, first.end_time) != (second.end_time, second.start_time):
        together = "overlap" if _overlap(first, second) else "leave a part of the day without a price"
        yield "/parts/1", f"must begin where the other part ends and end where it begins: the two {together}"


def _overlap(one: GuidePart, other: GuidePart) -> bool:
    return in_band(other.start_time, one.start_time, one.end_time) or in_band(
        one.start_time, other.start_time, other.end_time
    )
