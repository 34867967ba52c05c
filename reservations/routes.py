"""Routes of reservations: openings, quotes, holds and what becomes of them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import request

from accounts.domain.plans import Family
from accounts.guards import calling_driver, client_may, driver_only
from kernel.api import Resource
from kernel.errors import TemporarilyUnavailable
from kernel.idempotency import idempotent
from kernel.paging import envelope, next_link
from kernel.services import service
from kernel.window import Window
from reservations.alternatives import Alternatives
from reservations.desk import ReservationDesk
from reservations.domain.policy import ClosedThen, NotReservable, PortTaken
from reservations.domain.reservation import Question, Quote, Reservation, Wish
from reservations.openings import Asked, Openings
from reservations.schemas import (
    AlternativeSchema,
    HoldWishSchema,
    OpeningsListSchema,
    OpeningsQuerySchema,
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
    for name in ("get_reservation", "confirm_reservation", "release_reservation", "cancel_reservation")
}
_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "Path of the reservation"}}
_CONFLICT = {409: reservations.problem("RESERVATION_CONFLICT", ReservationConflictSchema)}
_LINK = {"Link": {"schema": {"type": "string"}, "description": 'The next page, rel="next"'}}


@reservations.route("/v1/openings", methods=["GET"])
@client_may(Family.STATION_RESERVATION)
@reservations.query(OpeningsQuerySchema)
@reservations.response(200, OpeningsListSchema, headers=_LINK)
def list_openings(query: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """When ports can be reserved

    Guide 7.3 getStationResOpenings, for many stations at once. Windows lie within the opening hours where those are
    known, between the earliest and the latest time that can be reserved now. A hold that has run out is free.
    """
    asked = Asked(
        station_ids=tuple(query["station_id"]),
        span=Window(query["start"], query["end"]),
        port_numbers=tuple(sorted(set(query["port"]))),
        min_duration_min=query["min_duration_min"],
    )
    found = service(Openings).of(asked, limit=query["limit"], cursor=query["cursor"])
    return {**envelope(found.stations, found.next_cursor, found.total), "not_found": found.not_found}, _next(
        found.next_cursor
    )


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
    wish = _wish(body)
    with _alternatives_to(wish):
        return service(ReservationDesk).quote(calling_driver(), wish, card=body["card"])


@reservations.route("/v1/reservations", methods=["POST"])
@driver_only
@idempotent
@reservations.body(HoldWishSchema, example=_WISH)
@reservations.response(201, ReservationSchema, headers=_LOCATION)
@reservations.doc(responses={201: {"links": _NEXT_STEPS}, **_CONFLICT})
def hold_reservation(body: dict[str, Any]) -> tuple[Reservation, dict[str, str]]:
    """Price and hold a reservation

    Guide 7.5 priceAndHoldReservation. Without `port_number` a free port is chosen. The hold must be confirmed before
    `hold_expires_at`. The window must be in the future: put your own `start` into the example.
    """
    desk, driver, wish = service(ReservationDesk), calling_driver(), _wish(body)
    with _alternatives_to(wish):
        held = desk.hold(driver, wish, card=body["card"], quote_id=body["quote_id"])
    return held, {"Location": f"/v1/reservations/{held.handle}"}


@reservations.route("/v1/reservations", methods=["GET"])
@driver_only
@reservations.query(ReservationQuerySchema)
@reservations.response(200, ReservationListSchema, headers=_LINK)
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
    return envelope(page.reservations, page.next_cursor, None), _next(page.next_cursor)


@reservations.route("/v1/reservations/<handle>", methods=["GET"])
@driver_only
@reservations.response(200, ReservationSchema)
def get_reservation(handle: str) -> Reservation:
    """One reservation

    Guide 7.6 getReservationDetails.
    """
    return service(ReservationDesk).look_up(calling_driver(), handle)


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
    return Wish(
        station_id=body["station_id"],
        start=body["start"],
        duration_min=body["duration_min"],
        port_number=body["port_number"],
    )


def _next(cursor: str | None) -> dict[str, str]:
    """The header that leads to the next page, where there is one."""
    return {"Link": next_link(request.path, request.args.to_dict(flat=False), cursor)} if cursor else {}


@contextmanager
def _alternatives_to(wish: Wish, *, besides: str | None = None) -> Iterator[None]:
    """A refusal because of the port or the time says what could be had instead; without, where that cannot be told."""
    try:
        yield
    except (PortTaken, ClosedThen, NotReservable) as refusal:
        with suppress(TemporarilyUnavailable):
            found = service(Alternatives).to(wish, besides=besides)
            refusal.extra["alternatives"] = AlternativeSchema(many=True).dump(found)
        raise
