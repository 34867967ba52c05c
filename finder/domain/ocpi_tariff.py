"""Tariffs as JSON: OCPI 2.2.1 Tariff objects in and out."""

import re
from collections.abc import Mapping
from decimal import Decimal

from finder.domain.json_reading import Json, Reader, amount, moment, one_of, plain, present, text, whole
from finder.domain.ocpi_restrictions import restrictions_from_ocpi, restrictions_to_ocpi
from finder.domain.tariff import (
    Component,
    Dimension,
    Element,
    Limit,
    Restrictions,
    Tariff,
)
from kernel.errors import InvalidBody

_IGNORED = frozenset({"country_code", "party_id", "id", "type", "energy_mix", "last_updated"})
_OF_TARIFF = _IGNORED | {
    "currency",
    "elements",
    "min_price",
    "max_price",
    "start_date_time",
    "end_date_time",
    "tariff_alt_text",
    "tariff_alt_url",
    "idle_grace_min",
    "session_limit_min",
}
_MOST_ELEMENTS, _MOST_COMPONENTS, _MOST_TEXTS = 100, 20, 100
_MOST_GRACE_MIN = 31 * 24 * 60


class InvalidTariff(InvalidBody):
    """The tariff is not valid."""

    code = "invalid_tariff"


def tariff_from_ocpi(obj: Mapping[str, object], *, pointer: str = "") -> Tariff:
    """The tariff of an OCPI 2.2.1 Tariff object, with `idle_grace_min` and `session_limit_min` beside its properties.

    Numbers are JSON numbers or decimal strings. `step_size` may be left out (1), and may be 0 for FLAT, where it means
    nothing. What names the tariff and its owner (`id`, `party_id`, …) is not kept. Raises InvalidTariff, which points
    at every fault; `pointer` is where the object stands in the body.
    """
    reader = Reader(obj, pointer)
    if not obj.get("elements"):
        reader.fault("elements", "must hold at least one element")
    return _read(reader)


def tariff_from_json(obj: Mapping[str, object]) -> Tariff:
    """The tariff that `tariff_to_ocpi` wrote, whole. Raises InvalidTariff."""
    return _read(Reader(obj))


def _read(reader: Reader) -> Tariff:
    reader.only(_OF_TARIFF)
    tariff = Tariff(
        currency=reader.required("currency", _currency) or "XXX",
        elements=tuple(_element(entry) for entry in reader.children("elements", most=_MOST_ELEMENTS)),
        min_price=_limit(reader.child("min_price")),
        max_price=_limit(reader.child("max_price")),
        idle_grace_min=reader.value("idle_grace_min", _grace) or 0,
        session_limit_min=reader.value("session_limit_min", _positive),
        valid_from=reader.value("start_date_time", moment),
        valid_until=reader.value("end_date_time", moment),
        alt_text=tuple(_alt_text(t) for t in reader.children("tariff_alt_text", most=_MOST_TEXTS)),
        alt_url=reader.value("tariff_alt_url", text),
    )
    _check_order(reader, tariff)
    if reader.faults:
        raise InvalidTariff(errors=reader.faults)
    return tariff


def _check_order(reader: Reader, tariff: Tariff) -> None:
    if tariff.valid_from and tariff.valid_until and tariff.valid_until <= tariff.valid_from:
        reader.fault("end_date_time", "must be after start_date_time")
    least, most = tariff.min_price, tariff.max_price
    if least is None or most is None:
        return
    if most.excl_vat < least.excl_vat or (
        most.incl_vat is not None and least.incl_vat is not None and most.incl_vat < least.incl_vat
    ):
        reader.fault("max_price", "must not be less than min_price")


def _limit(reader: Reader | None) -> Limit | None:
    if reader is None:
        return None
    reader.only(frozenset({"excl_vat", "incl_vat"}))
    before, after = reader.required("excl_vat", amount), reader.value("incl_vat", amount)
    if before is not None and after is not None and after < before:
        reader.fault("incl_vat", "must not be less than excl_vat")
    return Limit(before or Decimal(0), after)


def _alt_text(reader: Reader) -> tuple[str, str]:
    reader.only(frozenset({"language", "text"}))
    return reader.required("language", text) or "", reader.required("text", text) or ""


def _element(reader: Reader) -> Element:
    reader.only(frozenset({"price_components", "restrictions"}))
    entries = reader.children("price_components", most=_MOST_COMPONENTS)
    if not entries:
        reader.fault("price_components", "must hold at least one component")
    restrictions = restrictions_from_ocpi(reader.child("restrictions"))
    components = tuple(filter(None, (_component(entry, restrictions) for entry in entries)))
    return Element(components, restrictions)


def _component(reader: Reader, restrictions: Restrictions) -> Component | None:
    reader.only(frozenset({"type", "price", "vat", "step_size"}))
    dimension = reader.required("type", one_of(Dimension))
    price = reader.required("price", amount)
    vat = reader.value("vat", amount)
    step = reader.value("step_size", whole if dimension is Dimension.FLAT else _positive)
    if restrictions.reservation and dimension in (Dimension.ENERGY, Dimension.PARKING_TIME):
        reader.fault("type", "must be FLAT or TIME for a reservation")
    if dimension is None or price is None:
        return None
    return Component(dimension, price, step or 1, vat)


def _currency(raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch("[A-Z]{3}", raw):
        raise ValueError("must be an ISO 4217 code such as EUR")
    return raw


def _grace(raw: object) -> int:
    return whole(raw, most=_MOST_GRACE_MIN)


def _positive(raw: object) -> int:
    return whole(raw, least=1)


def tariff_to_ocpi(tariff: Tariff) -> dict[str, Json]:
    """The OCPI 2.2.1 properties of a tariff, ready for JSON and without loss: every decimal is a string."""
    return present(
        {
            "currency": tariff.currency,
            "tariff_alt_text": [{"language": lang, "text": words} for lang, words in tariff.alt_text] or None,
            "tariff_alt_url": tariff.alt_url,
            "min_price": _limit_json(tariff.min_price),
            "max_price": _limit_json(tariff.max_price),
            "elements": [_element_json(element) for element in tariff.elements],
            "start_date_time": plain(tariff.valid_from),
            "end_date_time": plain(tariff.valid_until),
            "idle_grace_min": tariff.idle_grace_min or None,
            "session_limit_min": tariff.session_limit_min,
        }
    )


def _limit_json(limit: Limit | None) -> Json | None:
    return None if limit is None else present({"excl_vat": plain(limit.excl_vat), "incl_vat": plain(limit.incl_vat)})


def _element_json(element: Element) -> Json:
    components: list[Json] = [
        present({"type": c.dimension.value, "price": plain(c.price), "vat": plain(c.vat), "step_size": c.step_size})
        for c in element.components
    ]
    return present({"price_components": components, "restrictions": restrictions_to_ocpi(element.restrictions) or None})
