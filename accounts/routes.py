"""Routes of drivers: login, logout, password, cards."""

from typing import Any

from flask import Response, request

from accounts.domain.caller import Driver
from accounts.domain.plans import Family
from accounts.drivers import DriverAccess, Login
from accounts.guards import calling, calling_driver, client_may, driver_only
from accounts.schemas import CardListSchema, DriverSchema, LoginSchema, PasswordChangeSchema, TokenSchema
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
    Passwords tried are counted for the account and for the address they come from: too many are answered with 429
    `too_many_attempts`, except from an address that the driver signed in from in the last 90 days.
    """
    access = service(DriverAccess)
    return access.log_in(calling(), credentials["username"], credentials["password"], address=_address())


@drivers.route("/v1/logout", methods=["POST"])
@driver_only
@idempotent
@drivers.response(204)
def log_out() -> Response:
    """Log the driver out: the token is worth nothing from now on"""
    service(DriverAccess).log_out(_token())
    return Response(status=204)


@drivers.route("/v1/me/tokens", methods=["DELETE"])
@driver_only
@drivers.response(204)
def log_out_everywhere() -> Response:
    """Log the driver out everywhere: every token is worth nothing from now on, this one too"""
    service(DriverAccess).log_out_everywhere(calling_driver())
    return Response(status=204)


@drivers.route("/v1/me/password", methods=["POST"])
@driver_only
@drivers.body(PasswordChangeSchema, example={"old_password": "demo", "new_password": "a longer one, 42 times"})
@drivers.response(204)
def change_password(body: dict[str, str]) -> Response:
    """Change the driver's password

    Every other token of the driver's is revoked. Old passwords tried are counted like logins. 8 to 128 characters, not
    the username, and none of the passwords that everybody tries first. Takes no Idempotency-Key: keeping the body's
    digest would mean keeping a fast hash of a password. The demo driver's password cannot be changed (409).
    """
    access = service(DriverAccess)
    access.change_password(calling_driver(), _token(), body["old_password"], body["new_password"], address=_address())
    return Response(status=204)


@drivers.route("/v1/me", methods=["GET"])
@driver_only
@drivers.response(200, DriverSchema)
def get_driver() -> Driver:
    """Who is logged in"""
    return calling_driver()


@drivers.route("/v1/me/cards", methods=["GET"])
@driver_only
@drivers.response(200, CardListSchema)
def list_cards() -> dict[str, Any]:
    """The driver's cards

    Guide 7.1 getChargePointCards: a reservation is made with one of them.
    """
    cards = service(DriverAccess).cards(calling_driver())
    return envelope(cards, None, len(cards))


def _token() -> str:
    """The token of a view guarded by `driver_only`."""
    authorization = request.authorization
    return authorization.token or "" if authorization else ""


def _address() -> str:
    return request.remote_addr or ""
