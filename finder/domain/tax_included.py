"""A tariff as what is paid: prices with their tax in them, for readers that know no tax."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from finder.domain.tariff import Component, Element, Limit, Tariff

_WHOLE = Decimal(100)


def with_tax_included(tariff: Tariff) -> Tariff | None:
    """The same prices, tax included; None where a limit's tax is not said, though prices have one."""
    components = [component for element in tariff.elements for component in element.components]
    if not any(component.vat for component in components):
        return tariff
    if any(limit is not None and limit.incl_vat is None for limit in _limits(tariff)):
        return None
    elements = tuple(Element(tuple(map(_paid, one.components)), one.restrictions) for one in tariff.elements)
    parts = tuple(
        replace(part, min_price=_paid_limit(part.min_price), max_price=_paid_limit(part.max_price))
        for part in tariff.part_limits
    )
    least, most = _paid_limit(tariff.min_price), _paid_limit(tariff.max_price)
    return replace(tariff, elements=elements, min_price=least, max_price=most, part_limits=parts)


def _limits(tariff: Tariff) -> Iterator[Limit | None]:
    yield from (tariff.min_price, tariff.max_price)
    for part in tariff.part_limits:
        yield from (part.min_price, part.max_price)


def _paid(component: Component) -> Component:
    price = component.price * (_WHOLE + (component.vat or 0)) / _WHOLE
    return replace(component, price=price, vat=None)


def _paid_limit(limit: Limit | None) -> Limit | None:
    return None if limit is None or limit.incl_vat is None else Limit(limit.incl_vat)
