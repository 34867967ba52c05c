"""The guide's pricing as JSON: its fields (4.1 guide, 6.1.3 and 6.3.3) in snake case, in and out."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from finder.domain.guide_pricing import Basis, ByLength, GuidePart, GuidePricing, GuideType
from finder.domain.guide_tariff import tariff_from_guide
from finder.domain.json_reading import Json, Reader, amount, clock_time, one_of, plain, present
from finder.domain.ocpi_tariff import InvalidTariff, tariff_from_ocpi
from finder.domain.tariff import Tariff

_OF_PRICING = frozenset({"type", "currency", "basis", "parts"})
_OF_PART = frozenset(
    "start_time end_time min_price max_price unit_price_per_hour unit_price_per_session unit_price_per_kwh "
    "unit_price_for_first first_duration_hours unit_price_per_hour_thereafter session_time_hours".split()
)
_BY_LENGTH = ("unit_price_for_first", "first_duration_hours", "unit_price_per_hour_thereafter")
_NEEDS = {
    GuideType.HOURLY: ("unit_price_per_hour",),
    GuideType.SESSION: ("unit_price_per_session",),
    GuideType.KWH: ("unit_price_per_kwh",),
    GuideType.LENGTH_OF_TIME: _BY_LENGTH,
}
_MOST_PARTS = 100
_HOUR_S, _HOUR_MIN = 3600, 60
_MILLIONTH = Decimal("0.000001")


def tariff_from_either(obj: Mapping[str, object], *, pointer: str = "") -> Tariff:
    """The tariff of the guide's pricing, which has `parts`, or of an OCPI 2.2.1 Tariff object. Raises InvalidTariff."""
    if "parts" not in obj:
        return tariff_from_ocpi(obj, pointer=pointer)
    return tariff_from_guide(guide_pricing_from_json(obj, pointer=pointer))


def guide_pricing_from_json(obj: Mapping[str, object], *, pointer: str = "") -> GuidePricing:
    """The pricing of `{"type", "currency", "basis"?, "parts": [{"start_time"?, "end_time"?, "min_price"?, …}]}`.

    Unit prices that are there are added up, whatever the type; the type only demands its own. As in the guide's
    samples 0 is the same as absent, for a maxPrice too, but for the prices by length of time, where a duration of 0
    is. Hours are decimal, to the nearest second, those of `session_time_hours` to the nearest minute. Raises
    InvalidTariff, which points at every fault; `pointer` is where the object stands in the body.
    """
    reader = Reader(obj, pointer)
    reader.only(_OF_PRICING)
    kind = reader.required("type", one_of(GuideType))
    currency = reader.required("currency", _currency)
    basis = reader.value("basis", one_of(Basis)) or Basis.CHARGE
    readers = reader.children("parts", most=_MOST_PARTS)
    parts = tuple(_part(part, kind) for part in readers)
    if kind is GuideType.TIME_OF_DAY and len(parts) == 1:
        reader.fault("parts", "must hold two parts for TIME_OF_DAY")
    pricing = None if reader.faults else _pricing(reader, currency or "", parts, basis)
    if pricing is None:
        raise InvalidTariff(errors=reader.faults)
    return pricing


def _pricing(reader: Reader, currency: str, parts: tuple[GuidePart, ...], basis: Basis) -> GuidePricing | None:
    """The pricing, or none where its own faults are now the reader's."""
    try:
        return GuidePricing(currency=currency, parts=parts, basis=basis)
    except InvalidTariff as refusal:
        for fault in refusal.errors:
            reader.fault(fault["pointer"].removeprefix("/"), fault["detail"])
        return None


def _part(reader: Reader, kind: GuideType | None) -> GuidePart:
    reader.only(_OF_PART)
    for name in _NEEDS.get(kind, ()) if kind else ():
        if reader.values.get(name) is None:
            reader.fault(name, f"is required for {kind}")
    longest_hours = reader.value("session_time_hours", amount)
    return GuidePart(
        start_time=reader.value("start_time", clock_time) or GuidePart().start_time,
        end_time=reader.value("end_time", clock_time) or GuidePart().end_time,
        per_hour=reader.value("unit_price_per_hour", amount) or None,
        per_session=reader.value("unit_price_per_session", amount) or None,
        per_kwh=reader.value("unit_price_per_kwh", amount) or None,
        by_length=_by_length(reader),
        min_price=reader.value("min_price", amount) or None,
        max_price=reader.value("max_price", amount) or None,
        session_time_min=_nearest(longest_hours * _HOUR_MIN) if longest_hours else None,
    )


def _by_length(reader: Reader) -> ByLength | None:
    first, hours, thereafter = (reader.value(name, amount) for name in _BY_LENGTH)
    if not (first or hours or thereafter):
        return None
    for name in _BY_LENGTH:
        if reader.values.get(name) is None:
            reader.fault(name, f"is required with {' and '.join(other for other in _BY_LENGTH if other != name)}")
    zero = Decimal(0)
    return ByLength(
        price_for_first=first or zero,
        duration_s=_nearest((hours or zero) * _HOUR_S),
        price_thereafter=thereafter or zero,
    )


def _nearest(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_UP))


def _currency(raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch("[A-Z]{3}", raw):
        raise ValueError("must be an ISO 4217 code such as USD")
    return raw


def guide_pricing_to_json(pricing: GuidePricing) -> dict[str, Json]:
    """The JSON form, read back as the same pricing; what is not enabled is left out, every decimal is a string."""
    return {
        "type": pricing.type.value,
        "currency": pricing.currency,
        "basis": pricing.basis.value,
        "parts": [_part_json(part) for part in pricing.parts],
    }


def _part_json(part: GuidePart) -> Json:
    by_length = part.by_length
    return present(
        {
            "start_time": part.start_time.isoformat("seconds"),
            "end_time": part.end_time.isoformat("seconds") if part.end_time > GuidePart().end_time else "24:00:00",
            "min_price": plain(part.min_price),
            "max_price": plain(part.max_price),
            "unit_price_per_hour": plain(part.per_hour),
            "unit_price_per_session": plain(part.per_session),
            "unit_price_per_kwh": plain(part.per_kwh),
            "unit_price_for_first": plain(by_length.price_for_first) if by_length else None,
            "first_duration_hours": _hours(by_length.duration_s, _HOUR_S) if by_length else None,
            "unit_price_per_hour_thereafter": plain(by_length.price_thereafter) if by_length else None,
            "session_time_hours": _hours(part.session_time_min, _HOUR_MIN) if part.session_time_min else None,
        }
    )


def _hours(units: int, per_hour: int) -> str:
    """Decimal hours, close enough to be read back to the very second or minute."""
    hours = (Decimal(units) / per_hour).quantize(_MILLIONTH)
    text = f"{hours:f}".rstrip("0")
    return text.rstrip(".")
