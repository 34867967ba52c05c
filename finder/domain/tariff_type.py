"""The guide's word for the type of a tariff."""

from enum import StrEnum

from finder.domain.tariff import Dimension, Element, PartLimits, Restrictions, Tariff


class TariffType(StrEnum):
    """How a price is made up (guide 6.1.3 Type); MIXED is what the guide has no word for."""

    FREE = "FREE"
    SESSION = "SESSION"
    HOURLY = "HOURLY"
    KWH = "KWH"
    LENGTH_OF_TIME = "LENGTH_OF_TIME"
    TIME_OF_DAY = "TIME_OF_DAY"
    MIXED = "MIXED"


_OF_DIMENSION = {
    Dimension.FLAT: TariffType.SESSION,
    Dimension.TIME: TariffType.HOURLY,
    Dimension.PARKING_TIME: TariffType.HOURLY,
    Dimension.ENERGY: TariffType.KWH,
}


def tariff_type(tariff: Tariff) -> TariffType:
    """The type: by the bands if prices or limits differ by wall clock or by length of stay, else by what is counted.

    Prices of reservations count only where there are no others; a least price alone is a price per session.
    """
    elements = tuple(e for e in tariff.elements if e.restrictions.reservation is None) or tariff.elements
    types = {_OF_DIMENSION[c.dimension] for e in elements for c in e.components if c.price > 0}
    if not types:
        least = [tariff.min_price, *(part.min_price for part in tariff.part_limits)]
        return TariffType.SESSION if any(limit and limit.excl_vat > 0 for limit in least) else TariffType.FREE
    return _band_type((*elements, *tariff.part_limits)) or (types.pop() if len(types) == 1 else TariffType.MIXED)


def _band_type(restricted: tuple[Element | PartLimits, ...]) -> TariffType | None:
    restrictions = [one.restrictions for one in restricted]
    if any(_by_load(r) for r in restrictions):
        return TariffType.MIXED
    by_clock = any(r.start_time or r.end_time or r.start_date or r.end_date or r.days_of_week for r in restrictions)
    by_length = any(r.min_duration_s is not None or r.max_duration_s is not None for r in restrictions)
    if by_clock and by_length:
        return TariffType.MIXED
    if by_clock:
        return TariffType.TIME_OF_DAY
    return TariffType.LENGTH_OF_TIME if by_length else None


def _by_load(r: Restrictions) -> bool:
    limits = (r.min_kwh, r.max_kwh, r.min_power, r.max_power, r.min_current, r.max_current)
    return any(limit is not None for limit in limits)
