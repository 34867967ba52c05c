"""Who is calling: the caller is found before the view runs, and each view says whom it lets in."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, g, request

from accounts.clients import ClientAccess, origin_of
from accounts.domain.caller import Caller, Driver
from accounts.domain.plans import Family
from accounts.drivers import DriverAccess
from kernel.errors import Refusal
from kernel.services import service

View = TypeVar("View", bound=Callable[..., Any])

CLIENT_SECURITY: list[dict[str, list[str]]] = [{"ApiKey": []}, {"BasicKey": []}]
DRIVER_SECURITY: list[dict[str, list[str]]] = [{"DriverToken": []}]


class Unauthenticated(Refusal):
    """A valid API key is needed: X-API-Key: <key_id>.<secret>."""

    status = 401
    code = "unauthenticated"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Basic realm="portside", Bearer realm="portside"'})


class DriverLoginRequired(Unauthenticated):
    """A driver's token is needed: Authorization: Bearer <token>, from POST /v1/login."""

    code = "driver_login_required"
    response_code = "108"


class NotInPlan(Refusal):
    """Your service plan does not include this call."""

    status = 403
    code = "not_in_plan"
    response_code = "101"


class NotAllowed(Refusal):
    """This key may not do that."""

    status = 403
    code = "not_allowed"
    response_code = "101"


def register_identification(app: Flask) -> None:
    """Find the caller of every request once; views and the rate limits read it."""

    @app.before_request
    def identify() -> None:
        g.caller = _caller()
        g.principal = g.caller.principal if g.caller else f"address:{request.remote_addr}"


def _caller() -> Caller | None:
    authorization = request.authorization
    if authorization is not None and authorization.type == "bearer":
        return service(DriverAccess).caller_of(authorization.token or "")
    key = _api_key()
    return service(ClientAccess).caller_of(key) if key else None


def _api_key() -> str | None:
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return f"{basic.username}.{basic.password}" if basic.password else basic.username
    publishable = request.args.get("key", "")
    return request.headers.get("X-API-Key") or (publishable if publishable.startswith("pk_") else None)


def calling() -> Caller:
    """The caller of a guarded view."""
    caller: Caller = g.caller
    return caller


def calling_driver() -> Driver:
    """The driver of a view guarded by `driver_only`."""
    driver = calling().driver
    assert driver is not None  # noqa: S101 - the guard saw to it
    return driver


def client_may(family: Family) -> Callable[[View], View]:
    """Lets in clients whose plan includes the family of calls; publishable keys for reading only."""

    def admit() -> None:
        caller = _known()
        if caller.publishable and request.method not in ("GET", "HEAD"):
            raise NotAllowed("A publishable key is for reading only.")
        if caller.publishable and not caller.may_come_from(_origin(), own_origin=origin_of(request.host_url)):
            raise NotAllowed("This publishable key is bound to other origins.")
        if not caller.may_call(family):
            raise NotInPlan

    return _guard(admit, CLIENT_SECURITY + DRIVER_SECURITY)


def operator_only(view: View) -> View:
    """Lets in clients with the operator right; a driver who signed in through such a client does not have it."""

    def admit() -> None:
        caller = _known()
        if not caller.operator or caller.publishable or caller.driver is not None:
            raise NotAllowed("This call needs a key with the operator right.")

    return _guard(admit, CLIENT_SECURITY)(view)


def driver_only(view: View) -> View:
    """Lets in drivers with a live token."""

    def admit() -> None:
        if g.caller is None or g.caller.driver is None:
            given = request.authorization is not None and request.authorization.type == "bearer"
            raise DriverLoginRequired("This token is not valid, or no longer." if given else None)

    return _guard(admit, DRIVER_SECURITY)(view)


def _guard(admit: Callable[[], None], security: list[dict[str, list[str]]]) -> Callable[[View], View]:
    def guarding(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            admit()
            return view(*args, **kwargs)

        guarded.guard = security  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guarding


def _known() -> Caller:
    if g.caller is None:
        raise Unauthenticated
    return calling()


def _origin() -> str | None:
    """Where the page stands that asks; browsers leave Origin out of same-origin reads but send the Referer."""
    referrer = request.referrer
    return request.headers.get("Origin") or (origin_of(referrer) if referrer else None)
