"""The tariff: a price list as in OCPI 2.2.1 (chapter Tariffs), with the idle grace and the limits that it lacks."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum


class Dimension(StrEnum):
    """What a component counts (OCPI TariffDimensionType)."""

    ENERGY = "ENERGY"  # price per kWh, step_size in Wh
    FLAT = "FLAT"  # price once
    TIME = "TIME"  # price per hour of charging, step_size in seconds
    PARKING_TIME = "PARKING_TIME"  # price per hour connected and not charging, step_size in seconds


class ReservationKind(StrEnum):
    """Which reservations an element is for (OCPI ReservationRestrictionType)."""

    RESERVATION = "RESERVATION"
    RESERVATION_EXPIRES = "RESERVATION_EXPIRES"


@dataclass(frozen=True, slots=True)
class Component:
    """The price of one unit of a dimension, before tax. `vat` is in percent; None is no tax, which is not 0 %."""

    dimension: Dimension
    price: Decimal
    step_size: int = 1
    vat: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """When an element counts (OCPI TariffRestrictions): local wall-clock times, ISO weekdays (Monday is 1), limits.

    Minima are inclusive, maxima exclusive, `end_date` too. An `end_time` that is not after its `start_time` runs past
    midnight, and what is past midnight belongs to the day, and the weekday, on which it began.
    """

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration_s: int | None = None
    max_duration_s: int | None = None
    days_of_week: frozenset[int] = frozenset()
    reservation: ReservationKind | None = None


UNRESTRICTED = Restrictions()


@dataclass(frozen=True, slots=True)
class Element:
    """Components that count together under one set of restrictions."""

    components: tuple[Component, ...]
    restrictions: Restrictions = UNRESTRICTED


@dataclass(frozen=True, slots=True)
class Limit:
    """A least or greatest price, before and after tax (OCPI Price)."""

    excl_vat: Decimal
    incl_vat: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLimits:
    """The limits of a part of the day, or of reservations (guide 6.1.3, footnote 2 of 6.3.3, 12.5.17).

    They hold for all that one stay, or one reservation, costs and lasts in this part, on however many days, and for
    nothing else. Restricted by times of day and by RESERVATION only; parts do not overlap.
    """

    restrictions: Restrictions
    min_price: Limit | None = None
    max_price: Limit | None = None
    session_limit_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """A price list. No elements and no limits is free of charge; an unknown price is no tariff at all.

    `idle_grace_min` minutes after charging ends are free of PARKING_TIME; `session_limit_min` is the guide's
    sessionTime (6.1.3), the longest stay allowed. `min_price`, `max_price` and it are those of the whole stay, and
    hold after those of its parts, `part_limits`.
    """

    currency: str
    elements: tuple[Element, ...] = ()
    min_price: Limit | None = None
    max_price: Limit | None = None
    idle_grace_min: int = 0
    session_limit_min: int | None = None
    part_limits: tuple[PartLimits, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    alt_text: tuple[tuple[str, str], ...] = ()
    alt_url: str | None = None


def free(currency: str) -> Tariff:
    """A tariff that costs nothing."""
    return Tariff(currency=currency, elements=(Element((Component(Dimension.FLAT, Decimal(0)),)),))


def simple(
    currency: str,
    *,
    per_kwh: Decimal | None = None,
    per_hour: Decimal | None = None,
    per_session: Decimal | None = None,
    idle_per_hour: Decimal | None = None,
    idle_grace_min: int = 0,
) -> Tariff:
    """A tariff of at most one price per dimension, the same at any time."""
    prices = {
        Dimension.FLAT: per_session,
        Dimension.ENERGY: per_kwh,
        Dimension.TIME: per_hour,
        Dimension.PARKING_TIME: idle_per_hour,
    }
    components = tuple(Component(kind, price) for kind, price in prices.items() if price is not None)
    return Tariff(currency=currency, elements=(Element(components),), idle_grace_min=idle_grace_min)
