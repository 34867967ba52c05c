"""Tariffs as JSON: OCPI 2.2.1 Tariff objects in and out."""

import re
from collections.abc import Mapping

from finder.domain.json_reading import Json, Reader, amount, moment, one_of, plain, positive, present, text, whole
from finder.domain.ocpi_limits import (
    check_limits,
    limit_from_ocpi,
    limit_to_ocpi,
    part_limits_from_json,
    part_limits_to_json,
)
from finder.domain.ocpi_restrictions import restrictions_from_ocpi, restrictions_to_ocpi
from finder.domain.tariff import (
    Component,
    Dimension,
    Element,
    ReservationKind,
    Restrictions,
    Tariff,
)
from kernel.errors import InvalidBody

_IGNORED = frozenset({"country_code", "party_id", "id", "type", "energy_mix", "last_updated", "not_in_ocpi"})
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
    "part_limits",
}
_MOST_ELEMENTS, _MOST_COMPONENTS, _MOST_TEXTS, _MOST_PARTS = 100, 20, 100, 20
_MOST_GRACE_MIN = 31 * 24 * 60
_FOR = {
    None: tuple(Dimension),
    ReservationKind.RESERVATION: (Dimension.ENERGY, Dimension.FLAT, Dimension.TIME),
    ReservationKind.RESERVATION_EXPIRES: (Dimension.FLAT, Dimension.TIME),
}


class InvalidTariff(InvalidBody):
    """The tariff is not valid."""

    code = "invalid_tariff"


def tariff_from_ocpi(obj: Mapping[str, object], *, pointer: str = "") -> Tariff:
    """The tariff of an OCPI 2.2.1 Tariff object, with what OCPI cannot say beside its properties.

    That is `idle_grace_min`, `session_limit_min`, `part_limits` (the limits of a part of the day, or of reservations:
    `[{"restrictions", "min_price"?, "max_price"?, "session_limit_min"?}]`), and ENERGY for a RESERVATION.
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
        min_price=limit_from_ocpi(reader.child("min_price")),
        max_price=limit_from_ocpi(reader.child("max_price")),
        idle_grace_min=reader.value("idle_grace_min", _grace) or 0,
        session_limit_min=reader.value("session_limit_min", positive),
        part_limits=part_limits_from_json(reader.children("part_limits", most=_MOST_PARTS)),
        valid_from=reader.value("start_date_time", moment),
        valid_until=reader.value("end_date_time", moment),
        alt_text=tuple(_alt_text(t) for t in reader.children("tariff_alt_text", most=_MOST_TEXTS)),
        alt_url=reader.value("tariff_alt_url", text),
    )
    if tariff.valid_from and tariff.valid_until and tariff.valid_until <= tariff.valid_from:
        reader.fault("end_date_time", "must be after start_date_time")
    check_limits(reader, tariff.min_price, tariff.max_price)
    if reader.faults:
        raise InvalidTariff(errors=reader.faults)
    return tariff


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
    step = reader.value("step_size", whole if dimension is Dimension.FLAT else positive)
    if dimension is not None and dimension not in _FOR[restrictions.reservation]:
        reader.fault("type", f"must be one of {', '.join(_FOR[restrictions.reservation])} for a reservation")
    if dimension is None or price is None:
        return None
    return Component(dimension, price, step or 1, vat)


def _currency(raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch("[A-Z]{3}", raw):
        raise ValueError("must be an ISO 4217 code such as EUR")
    return raw


def _grace(raw: object) -> int:
    return whole(raw, most=_MOST_GRACE_MIN)


def tariff_to_ocpi(tariff: Tariff) -> dict[str, Json]:
    """The OCPI 2.2.1 properties of a tariff, ready for JSON and without loss: every decimal is a string."""
    return present(
        {
            "currency": tariff.currency,
            "tariff_alt_text": [{"language": lang, "text": words} for lang, words in tariff.alt_text] or None,
            "tariff_alt_url": tariff.alt_url,
            "min_price": limit_to_ocpi(tariff.min_price),
            "max_price": limit_to_ocpi(tariff.max_price),
            "elements": [_element_json(element) for element in tariff.elements],
            "start_date_time": plain(tariff.valid_from),
            "end_date_time": plain(tariff.valid_until),
            "idle_grace_min": tariff.idle_grace_min or None,
            "session_limit_min": tariff.session_limit_min,
            "part_limits": part_limits_to_json(tariff.part_limits),
        }
    )


def _element_json(element: Element) -> Json:
    components: list[Json] = [
        present({"type": c.dimension.value, "price": plain(c.price), "vat": plain(c.vat), "step_size": c.step_size})
        for c in element.components
    ]
    return present({"price_components": components, "restrictions": restrictions_to_ocpi(element.restrictions) or None})
