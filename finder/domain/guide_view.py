"""A tariff as the guide's pricing (4.1 guide, 6.1.3): what the guide can say of it, and what it cannot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from finder.domain.guide_bands import Gap, NumberedElement, limited, parts_of
from finder.domain.guide_pricing import Basis, GuidePricing
from finder.domain.ocpi_gaps import NotExpressible
from finder.domain.tariff import Dimension, Element, Limit, PartLimits, ReservationKind, Tariff

_SAYABLE = frozenset({Dimension.FLAT, Dimension.ENERGY, Dimension.TIME})
_KIND = {Basis.CHARGE: None, Basis.RESERVATION: ReservationKind.RESERVATION}
_NO_TAX = "the guide has no tax"
_NEVER_BOTH = "the guide charges per charge or per reservation, never both"


@dataclass(frozen=True, slots=True)
class GuideView:
    """A tariff in the guide's words.

    `pricing` is what remains when what is in `not_expressible` is left out (tax, idle fees, blocks, …); it is None
    where that would be another price and not a part of it (bands by energy, more than two times of day, …).
    """

    pricing: GuidePricing | None
    not_expressible: tuple[NotExpressible, ...] = ()


def guide_from_tariff(tariff: Tariff) -> GuideView:
    """The guide's form of a tariff; that of `tariff_from_guide(pricing)` is `pricing`, with nothing left out."""
    basis = _basis(tariff)
    numbered = tuple(enumerate(tariff.elements))
    chosen = tuple((number, e) for number, e in numbered if e.restrictions.reservation is _KIND[basis])
    sayable = tuple(_sayable(number, e) for number, e in chosen)
    counted = tuple((number, e) for number, e in sayable if e.components)
    left_out = [*_of_tariff(tariff), *_of_other_elements(numbered, basis), *_of_components(chosen)]
    obstacles = [*_of_limits(tariff), *_of_restrictions(counted)]
    if obstacles:
        return GuideView(None, (*left_out, *obstacles))
    limits = tuple(one for one in tariff.part_limits if one.restrictions.reservation is _KIND[basis])
    try:
        parts, of_all = parts_of(counted, limits)
    except Gap as gap:
        return GuideView(None, (*left_out, NotExpressible(gap.pointer, gap.reason)))
    if basis is Basis.CHARGE and len(parts) == 1:
        parts = (limited(parts[0], tariff.min_price, tariff.max_price, tariff.session_limit_min),)
    else:
        left_out += _of_whole_stay(tariff, basis)
    left_out += _of_part_limits(tariff, basis, of_all)
    return GuideView(GuidePricing(currency=tariff.currency, parts=parts, basis=basis), tuple(left_out))


def _of_whole_stay(tariff: Tariff, basis: Basis) -> Iterator[NotExpressible]:
    """The limits of a stay, where the guide has only those of two parts of the day, or of a reservation."""
    whose = "each part of the day" if basis is Basis.CHARGE else "a reservation, which is what costs"
    said = {
        "/min_price": tariff.min_price,
        "/max_price": tariff.max_price,
        "/session_limit_min": tariff.session_limit_min,
    }
    for pointer, limit in said.items():
        if limit is not None:
            yield NotExpressible(pointer, f"the guide's limits are those of {whose}")


def _of_part_limits(tariff: Tariff, basis: Basis, of_all: frozenset[PartLimits]) -> Iterator[NotExpressible]:
    for number, part in enumerate(tariff.part_limits):
        if part.restrictions.reservation is not _KIND[basis]:
            yield NotExpressible(f"/part_limits/{number}", _NEVER_BOTH)
        elif part in of_all:
            yield NotExpressible(f"/part_limits/{number}", "the guide's limits are those of each part of the day")


def _basis(tariff: Tariff) -> Basis:
    """Per reservation where only reservations cost something, or where the tariff speaks of nothing else."""
    charging = [e for e in tariff.elements if e.restrictions.reservation is None]
    reserving = [e for e in tariff.elements if e.restrictions.reservation is ReservationKind.RESERVATION]
    if reserving and not _costs(charging) and (not charging or _costs(reserving)):
        return Basis.RESERVATION
    return Basis.CHARGE


def _costs(elements: Sequence[Element]) -> bool:
    return any(component.price > 0 for element in elements for component in element.components)


def _sayable(number: int, element: Element) -> NumberedElement:
    kept = tuple(c for c in element.components if c.dimension in _SAYABLE)
    return number, replace(element, components=kept)


def _of_tariff(tariff: Tariff) -> Iterator[NotExpressible]:
    said = {
        "/idle_grace_min": (tariff.idle_grace_min, "the guide has no idle time"),
        "/start_date_time": (tariff.valid_from, "the guide has no validity"),
        "/end_date_time": (tariff.valid_until, "the guide has no validity"),
        "/tariff_alt_text": (tariff.alt_text, "the guide has no words for a price"),
        "/tariff_alt_url": (tariff.alt_url, "the guide has no link for a price"),
    }
    for pointer, (value, reason) in said.items():
        if value:
            yield NotExpressible(pointer, reason)
    for pointer, least, most in _limits(tariff):
        for name, limit in (("min_price", least), ("max_price", most)):
            if limit is not None and limit.incl_vat is not None:
                yield NotExpressible(f"{pointer}/{name}/incl_vat", _NO_TAX)


def _of_other_elements(numbered: Sequence[NumberedElement], basis: Basis) -> Iterator[NotExpressible]:
    for number, element in numbered:
        kind = element.restrictions.reservation
        if kind is ReservationKind.RESERVATION_EXPIRES:
            yield NotExpressible(f"/elements/{number}", "the guide has no price for a reservation that expires")
        elif kind is ReservationKind.RESERVATION and basis is Basis.CHARGE:
            yield NotExpressible(f"/elements/{number}", _NEVER_BOTH)


def _of_components(chosen: Sequence[NumberedElement]) -> Iterator[NotExpressible]:
    for number, element in chosen:
        for position, component in enumerate(element.components):
            pointer = f"/elements/{number}/price_components/{position}"
            if component.dimension not in _SAYABLE:
                if component.price > 0:
                    yield NotExpressible(pointer, "the guide has no price for idle time")
                continue
            if component.vat is not None:
                yield NotExpressible(f"{pointer}/vat", _NO_TAX)
            if component.step_size > 1 and component.dimension is not Dimension.FLAT:
                yield NotExpressible(f"{pointer}/step_size", "the guide has no blocks")


def _of_limits(tariff: Tariff) -> Iterator[NotExpressible]:
    for pointer, least, most in _limits(tariff):
        if most is not None and most.excl_vat == 0:
            yield NotExpressible(f"{pointer}/max_price", "a maxPrice of 0 is none in the guide")
        elif most is not None and least is not None and most.excl_vat < least.excl_vat:
            yield NotExpressible(f"{pointer}/max_price", "the guide's maxPrice is not less than its minPrice")


def _limits(tariff: Tariff) -> Iterator[tuple[str, Limit | None, Limit | None]]:
    """The least and greatest prices of the stay and of each part, with pointers to what holds them."""
    yield "", tariff.min_price, tariff.max_price
    for number, part in enumerate(tariff.part_limits):
        yield f"/part_limits/{number}", part.min_price, part.max_price


def _of_restrictions(counted: Sequence[NumberedElement]) -> Iterator[NotExpressible]:
    for number, element in counted:
        r = element.restrictions
        said = {
            "start_date": r.start_date,
            "end_date": r.end_date,
            "min_kwh": r.min_kwh,
            "max_kwh": r.max_kwh,
            "min_current": r.min_current,
            "max_current": r.max_current,
            "min_power": r.min_power,
            "max_power": r.max_power,
            "day_of_week": r.days_of_week or None,
        }
        for name, value in said.items():
            if value is not None:
                reason = "the guide's prices differ by time of day and length of time only"
                yield NotExpressible(f"/elements/{number}/restrictions/{name}", reason)
