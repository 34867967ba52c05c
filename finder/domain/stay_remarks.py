"""What an estimate says beside its lines: a stay longer than is allowed, the limit of a part, energy assumed."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from finder.domain.charges import Charge
from finder.domain.estimate import LineKind
from finder.domain.reserved_energy import prices_reserved_energy, reserved_kwh
from finder.domain.stay_limits import limits_of, overstays_in_parts, times_of
from finder.domain.tariff import Limit, ReservationKind, Tariff
from finder.domain.usage import Usage

_RESERVED = ReservationKind.RESERVATION


def remarks(tariff: Tariff, usage: Usage, zone: ZoneInfo, charges: Sequence[Charge]) -> Iterator[str]:
    """Plain sentences, one for each."""
    if usage.periods:
        yield from _of_stay(tariff, usage, zone)
    span = usage.reservation
    if span is not None:
        for over in overstays_in_parts(limits_of(tariff, _RESERVED), span.start, span.end, zone):
            yield f"The reservation is longer than the {over.most_min} minutes allowed{over.where}."
    if span is not None and span.energy_kwh is None and prices_reserved_energy(tariff):
        kwh = reserved_kwh(span, usage.periods)
        yield from () if kwh is None else (f"Energy reserved assumed: {kwh:f} kWh, what is charged.",)
    if tariff.part_limits:
        for charge in charges:
            yield from _of_limit(charge)


def _of_stay(tariff: Tariff, usage: Usage, zone: ZoneInfo) -> Iterator[str]:
    start, end = usage.periods[0].start, usage.periods[-1].end
    most_min = tariff.session_limit_min
    if most_min is not None and (end - start).total_seconds() > most_min * 60:
        yield f"The stay is longer than the {most_min} minutes allowed."
    for over in overstays_in_parts(limits_of(tariff, None), start, end, zone):
        yield f"The stay is longer than the {over.most_min} minutes allowed{over.where}."


def _of_limit(charge: Charge) -> Iterator[str]:
    """Which part of the day a line that raises or lowers the price is for."""
    limits = charge.limits
    if limits is None or charge.kind not in (LineKind.MINIMUM, LineKind.MAXIMUM):
        return
    least = charge.kind is LineKind.MINIMUM
    what = "The reservation" if limits.restrictions.reservation else "The stay"
    price = _said(limits.min_price if least else limits.max_price)
    yield f"{what} costs at {'least' if least else 'most'} {price}{times_of(limits.restrictions)}."


def _said(limit: Limit | None) -> str:
    return f"{limit.excl_vat:f}" if limit is not None else ""
