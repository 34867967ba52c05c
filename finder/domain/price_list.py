"""The prices of a tariff by what they are for: in each list the first whose conditions hold is what counts."""

from dataclasses import dataclass, replace
from decimal import Decimal

from finder.domain.tariff import UNRESTRICTED, Component, Dimension, ReservationKind, Restrictions, Tariff

_ENERGY, _FLAT, _TIME, _PARKING = Dimension.ENERGY, Dimension.FLAT, Dimension.TIME, Dimension.PARKING_TIME


@dataclass(frozen=True, slots=True)
class Price:
    """One price of a dimension and when it counts, `when` being free of whom it is for."""

    component: Component
    when: Restrictions


Prices = tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class PriceList:
    """All prices that can count, by what they are for; empty where it costs nothing."""

    time: Prices
    energy: Prices
    flat: Prices
    parking: Prices
    reservation: Prices
    reserved_energy: Prices
    reserved_time: Prices
    expiry: Prices
    expired_time: Prices

    @property
    def rates(self) -> frozenset[Decimal | None]:
        """The rates of tax that occur."""
        lists = (self.time, self.energy, self.flat, self.parking)
        others = (self.reservation, self.reserved_energy, self.reserved_time, self.expiry, self.expired_time)
        return frozenset(p.component.vat for prices in (*lists, *others) for p in prices if p.component.price)

    @property
    def charging_is_idling(self) -> bool:
        """Whether time has one price, charging or not; in blocks it has two, as only the last one is filled up."""
        as_time = tuple(replace(one, component=replace(one.component, dimension=_TIME)) for one in self.parking)
        return self.time == as_time and all(one.component.step_size == 1 for one in self.time)


def price_list(tariff: Tariff) -> PriceList:
    """The price list of a tariff, without what never counts."""
    reserved_time = _prices(tariff, _TIME, ReservationKind.RESERVATION)
    expired_time = _prices(tariff, _TIME, ReservationKind.RESERVATION_EXPIRES)
    return PriceList(
        time=_costing(_prices(tariff, _TIME)),
        energy=_costing(_prices(tariff, _ENERGY)),
        flat=_costing(_prices(tariff, _FLAT)),
        parking=_costing(_prices(tariff, _PARKING)),
        reservation=_costing(_prices(tariff, _FLAT, ReservationKind.RESERVATION)),
        reserved_energy=_costing(_prices(tariff, _ENERGY, ReservationKind.RESERVATION)),
        reserved_time=_costing(reserved_time),
        expiry=_costing(_prices(tariff, _FLAT, ReservationKind.RESERVATION_EXPIRES)),
        # A price of nothing for expiring takes the place of the price for reserved time.
        expired_time=expired_time if _costing(reserved_time) else _costing(expired_time),
    )


def _prices(tariff: Tariff, dimension: Dimension, kind: ReservationKind | None = None) -> Prices:
    """The prices that can count, in order: up to the first that always does."""
    found: list[Price] = []
    for element in tariff.elements:
        component = next((c for c in element.components if c.dimension is dimension), None)
        if component is None or element.restrictions.reservation is not kind:
            continue
        found.append(Price(component, replace(element.restrictions, reservation=None)))
        if found[-1].when == UNRESTRICTED:
            break
    return tuple(found)


def _costing(prices: Prices) -> Prices:
    return prices if any(price.component.price for price in prices) else ()
