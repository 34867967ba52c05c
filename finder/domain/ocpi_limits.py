"""Limits as JSON: OCPI 2.2.1's least and greatest price, and beside them those of parts of the day and reservations."""

from collections.abc import Sequence
from datetime import time
from decimal import Decimal

from finder.domain.json_reading import Json, Reader, amount, plain, positive, present
from finder.domain.ocpi_restrictions import restrictions_from_ocpi, restrictions_to_ocpi
from finder.domain.tariff import Limit, PartLimits, ReservationKind, Restrictions
from finder.domain.wall_clock import MIDNIGHT, in_band

_OF_PART = frozenset({"restrictions", "min_price", "max_price", "session_limit_min"})
_OF_RESTRICTIONS = ("start_time", "end_time", "reservation")


def limit_from_ocpi(reader: Reader | None) -> Limit | None:
    """A least or greatest price; faults are noted by the reader."""
    if reader is None:
        return None
    reader.only(frozenset({"excl_vat", "incl_vat"}))
    before, after = reader.required("excl_vat", amount), reader.value("incl_vat", amount)
    if before is not None and after is not None and after < before:
        reader.fault("incl_vat", "must not be less than excl_vat")
    return Limit(before or Decimal(0), after)


def check_limits(reader: Reader, least: Limit | None, most: Limit | None) -> None:
    """Notes a greatest price that is less than the least."""
    if least is None or most is None:
        return
    if most.excl_vat < least.excl_vat or (
        most.incl_vat is not None and least.incl_vat is not None and most.incl_vat < least.incl_vat
    ):
        reader.fault("max_price", "must not be less than min_price")


def part_limits_from_json(readers: Sequence[Reader]) -> tuple[PartLimits, ...]:
    """The limits of parts of the day and of reservations; faults are noted by the readers."""
    found: list[PartLimits] = []
    for reader in readers:
        part = _part(reader)
        if any(_overlap(part.restrictions, other.restrictions) for other in found):
            reader.fault("restrictions", "must not overlap those of another part: one stay has one limit at a time")
        found.append(part)
    return tuple(found)


def _part(reader: Reader) -> PartLimits:
    reader.only(_OF_PART)
    part = PartLimits(
        restrictions=_restrictions(reader),
        min_price=limit_from_ocpi(reader.child("min_price")),
        max_price=limit_from_ocpi(reader.child("max_price")),
        session_limit_min=reader.value("session_limit_min", positive),
    )
    check_limits(reader, part.min_price, part.max_price)
    if part == PartLimits(restrictions=part.restrictions):
        reader.fault("", "must hold min_price, max_price or session_limit_min")
    return part


def _restrictions(reader: Reader) -> Restrictions:
    child = reader.child("restrictions")
    found = restrictions_from_ocpi(child)
    for name in restrictions_to_ocpi(found):
        if child is not None and name not in _OF_RESTRICTIONS:
            child.fault(name, "cannot restrict a limit: it is for times of day, or for reservations")
    if found.reservation is ReservationKind.RESERVATION_EXPIRES and child is not None:
        child.fault("reservation", "must be RESERVATION: what an unused one costs has the limits of the others")
    if found.reservation is None and _begin(found) == _end(found):
        reader.fault("restrictions", "must name a part of the day, or RESERVATION: a whole stay's limits are outside")
    return found


def _overlap(one: Restrictions, other: Restrictions) -> bool:
    return one.reservation is other.reservation and (
        in_band(_begin(other), _begin(one), _end(one)) or in_band(_begin(one), _begin(other), _end(other))
    )


def _begin(r: Restrictions) -> time:
    return r.start_time or MIDNIGHT


def _end(r: Restrictions) -> time:
    return r.end_time or MIDNIGHT


def limit_to_ocpi(limit: Limit | None) -> Json | None:
    """The JSON form, without loss."""
    return None if limit is None else present({"excl_vat": plain(limit.excl_vat), "incl_vat": plain(limit.incl_vat)})


def part_limits_to_json(parts: Sequence[PartLimits]) -> list[Json] | None:
    """The JSON form, without loss; None where there are none."""
    return [
        present(
            {
                "restrictions": restrictions_to_ocpi(part.restrictions),
                "min_price": limit_to_ocpi(part.min_price),
                "max_price": limit_to_ocpi(part.max_price),
                "session_limit_min": part.session_limit_min,
            }
        )
        for part in parts
    ] or None
