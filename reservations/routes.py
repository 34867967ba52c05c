"""Routes of reservations: quotes, holds and what becomes of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from flask import Response

from accounts.guards import calling, calling_driver, driver_only
from finder.catalogue import UnknownStation
from finder.index import StationIndex
from finder.viewers import viewer
from kernel.api import NEXT_PAGE, Resource, link_to_next
from kernel.errors import TemporarilyUnavailable
from kernel.idempotency import idempotent
from kernel.paging import envelope
from kernel.services import service
from kernel.versions import named_version
from reservations.alternatives import Alternatives
from reservations.desk import ReservationDesk
from reservations.domain.alternatives import Alternative
from reservations.domain.modification import VersionGone
from reservations.domain.policy import ClosedThen, NotReservable, PortTaken, StationUnreachable
from reservations.domain.reservation import Change, Question, Quote, Reservation, Wish
from reservations.modification import Modification
from reservations.records import reservation_told
from reservations.schemas import (
    AlternativeSchema,
    ChangeSchema,
    HoldWishSchema,
    QuoteSchema,
    QuoteWishSchema,
    ReservationConflictSchema,
    ReservationListSchema,
    ReservationQuerySchema,
    ReservationSchema,
)

reservations = Resource("reservations", __name__, description="Hold a port, then reserve it")

_WISH = {"station_id": "1:41613", "start": "2026-12-01T17:00:00Z", "duration_min": 60, "card": "111973"}
_HANDLE = {"parameters": {"handle": "$response.body#/handle"}}
_NEXT_STEPS = {
    name: {"operationId": name, **_HANDLE}
    for name in (
        *("get_reservation", "confirm_reservation", "release_reservation", "cancel_reservation"),
        *("modify_reservation", "extend_hold", "get_reservation_history"),
    )
}
_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "Path of the reservation"}}
_CONFLICT = {409: reservations.problem("RESERVATION_CONFLICT", ReservationConflictSchema)}


@reservations.route("/v1/quotes", methods=["POST"])
@driver_only
@idempotent
@reservations.body(QuoteWishSchema, example=_WISH)
@reservations.response(201, QuoteSchema)
@reservations.doc(responses=_CONFLICT)
def quote_reservation(body: dict[str, Any]) -> Quote:
    """Price a reservation without holding it

    Guide 7.4 priceReservation. The price is honoured by a hold with this `quote_id` until `expires_at`. The window
    must be free and in the future: put your own `start` into the example.
    """
    driver, wish = calling_driver(), _wish(body)
    with _alternatives(lambda found: found.to(driver, wish)):
        return service(ReservationDesk).quote(driver, wish, card=body["card"])


@reservations.route("/v1/reservations", methods=["POST"])
@driver_only
@idempotent
@reservations.body(HoldWishSchema, example=_WISH)
@reservations.response(201, ReservationSchema, headers=_LOCATION)
@reservations.doc(responses={201: {"links": _NEXT_STEPS}, **_CONFLICT})
def hold_reservation(body: dict[str, Any]) -> Response:
    """Price and hold a reservation

    Guide 7.5 priceAndHoldReservation. Without `port_number` the free port of the lowest number is chosen. The hold must
    be confirmed before `hold_expires_at`. With a `quote_id` its price and policy apply until it runs out; afterwards
    409 `price_changed` (or `quote_expired`, if the price is the same) with a new quote in `quote`. The window must be
    in the future: put your own `start` into the example.
    """
    desk, driver, wish = service(ReservationDesk), calling_driver(), _wish(body)
    with _alternatives(lambda found: found.to(driver, wish)):
        held = desk.hold(driver, wish, card=body["card"], quote_id=body["quote_id"], client_id=calling().client_id)
    told = orjson.dumps(reservation_told(held), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    return Response(told, 201, {"Location": f"/v1/reservations/{held.handle}"}, mimetype="application/json")


@reservations.route("/v1/reservations", methods=["GET"])
@driver_only
@reservations.query(ReservationQuerySchema)
@reservations.response(200, ReservationListSchema, headers=NEXT_PAGE)
def list_reservations(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The driver's reservations

    Guide 7.7 getDriverReservations: own ones only, in order of their start.
    """
    question = Question(
        driver_id=calling_driver().driver_id,
        start=query["start"],
        end=query["end"],
        card=query["card"],
        states=frozenset(query["state"]),
    )
    page = service(ReservationDesk).reservations(question, limit=query["limit"], cursor=query["cursor"])
    return envelope(page.reservations, page.next_cursor, None), link_to_next(page.next_cursor)


@reservations.route("/v1/reservations/<handle>", methods=["GET"])
@driver_only
@reservations.response(200, ReservationSchema)
def get_reservation(handle: str) -> Reservation:
    """One reservation

    Guide 7.6 getReservationDetails.
    """
    return service(ReservationDesk).look_up(calling_driver(), handle)


@reservations.route("/v1/reservations/<handle>", methods=["PATCH"])
@driver_only
@idempotent
@reservations.body(ChangeSchema, example={"duration_min": 90})
@reservations.response(200, ReservationSchema)
@reservations.doc(responses=_CONFLICT)
def modify_reservation(body: dict[str, Any], handle: str) -> Reservation:
    """Change the start, the duration or the port

    All at once or not at all: where the new window cannot be had the old one is kept. A hold can be changed while it
    lasts, a confirmed reservation until `cancel_until`. The price is that of the station's tariff now, or that of a
    `quote_id`; the policy stays as promised. With `If-Match` and the reservation's `updated_at` in quotes, nothing is
    changed where somebody else was quicker.
    """
    driver, change = calling_driver(), Change(**body, held=named_version(VersionGone))
    with _alternatives(lambda found: found.to_change(driver, handle, change)):
        return service(Modification).modify(driver, handle, change)


@reservations.route("/v1/reservations/<handle>/extend", methods=["POST"])
@driver_only
@idempotent
@reservations.response(200, ReservationSchema)
def extend_hold(handle: str) -> Reservation:
    """Give a hold more time

    Another `policy.hold_min` minutes, `policy.extensions` times and `policy.extensions_min` minutes in all. A hold
    never lasts into its own window, nor into the `policy.earliest_start_min` minutes before it, so it never touches
    the next one on the port: 409 `extension_too_late`.
    """
    return service(Modification).extend(calling_driver(), handle)


@reservations.route("/v1/reservations/<handle>/confirm", methods=["POST"])
@driver_only
@idempotent
@reservations.response(200, ReservationSchema)
def confirm_reservation(handle: str) -> Reservation:
    """Confirm a hold

    Guide 7.8 confirmReservation, at exactly the quoted price. From `hold_expires_at` on: 409 `hold_expired`.
    Confirming again gives the same answer.
    """
    return service(ReservationDesk).confirm(calling_driver(), handle)


@reservations.route("/v1/reservations/<handle>/release", methods=["POST"])
@driver_only
@idempotent
@reservations.response(200, ReservationSchema)
def release_reservation(handle: str) -> Reservation:
    """Give up a hold

    Guide 7.9 cancelReservationHold. Releasing again gives the same answer.
    """
    return service(ReservationDesk).release(calling_driver(), handle)


@reservations.route("/v1/reservations/<handle>/cancel", methods=["POST"])
@driver_only
@idempotent
@reservations.response(200, ReservationSchema)
def cancel_reservation(handle: str) -> Reservation:
    """Cancel a reservation

    Guide 7.10 cancelReservation. From `cancel_until` on: 409 `cancellation_too_late`; one that was cancelled before:
    409 `already_cancelled`.
    """
    return service(ReservationDesk).cancel(calling_driver(), handle)


def _wish(body: dict[str, Any]) -> Wish:
    """What is wished for. Raises UnknownStation where the caller does not see the station."""
    if service(StationIndex).hides(body["station_id"], viewer()):
        raise UnknownStation
    return Wish(
        station_id=body["station_id"],
        start=body["start"],
        duration_min=body["duration_min"],
        port_number=body["port_number"],
    )


@contextmanager
def _alternatives(find: Callable[[Alternatives], Sequence[Alternative]]) -> Iterator[None]:
    """A refusal because of the port or the time says what could be had instead; without, where that cannot be told."""
    try:
        yield
    except (PortTaken, ClosedThen, NotReservable, StationUnreachable) as refusal:
        with suppress(TemporarilyUnavailable):
            refusal.extra["alternatives"] = AlternativeSchema(many=True).dump(find(service(Alternatives)))
        raise
