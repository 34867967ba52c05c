"""Routes of drivers: login, logout, cards."""

from typing import Any

from flask import Response, request

from accounts.domain.plans import Family
from accounts.drivers import DriverAccess, Login
from accounts.guards import calling, calling_driver, client_may, driver_only
from accounts.schemas import CardListSchema, LoginSchema, TokenSchema
from kernel.api import Resource
from kernel.idempotency import idempotent
from kernel.paging import envelope
from kernel.services import service

drivers = Resource("drivers", __name__, description="Who charges: login and cards")


@drivers.route("/v1/login", methods=["POST"])
@client_may(Family.COMMON)
@drivers.body(LoginSchema, example={"username": "demo", "password": "demo"})
@drivers.response(200, TokenSchema)
def log_in(credentials: dict[str, str]) -> Login:
    """Log a driver in

    Takes no Idempotency-Key: keeping the answer would mean keeping the token. Logging in twice gives two tokens.
    """
    return service(DriverAccess).log_in(calling(), credentials["username"], credentials["password"])


@drivers.route("/v1/logout", methods=["POST"])
@driver_only
@idempotent
@drivers.response(204)
def log_out() -> Response:
    """Log the driver out: the token is worth nothing from now on"""
    authorization = request.authorization
    service(DriverAccess).log_out(authorization.token or "" if authorization else "")
    return Response(status=204)


@drivers.route("/v1/me/cards", methods=["GET"])
@driver_only
@drivers.response(200, CardListSchema)
def list_cards() -> dict[str, Any]:
    """The driver's cards

    Guide 7.1 getChargePointCards: a reservation is made with one of them.
    """
    cards = service(DriverAccess).cards(calling_driver())
    return envelope(cards, None, len(cards))
