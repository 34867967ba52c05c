"""Who may call what: every operation of the OpenAPI document by every kind of caller, against one table."""

from collections.abc import Mapping

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.clients import ClientAccess
from accounts.demo_accounts import CARDS
from accounts.domain.plans import Plan
from accounts.driver_upkeep import DriverUpkeep
from accounts.drivers import DriverAccess
from kernel.clock import FixedClock
from kernel.services import of
from tests.api.maintenance_words import announce
from tests.api.operations import START, Operation, operations
from tests.conversation import Conversation

IN, NOBODY, NO_DRIVER, NOT_IN_PLAN, NOT_ALLOWED, UNKNOWN = (
    "let in",
    "unauthenticated",
    "driver_login_required",
    "not_in_plan",
    "not_allowed",
    "told that there is none",
)
PAGE = "https://maps.example"
PASSWORD = "correct horse"

_NOBODIES = ("no key", "wrong secret", "disabled key", "expired token", "revoked token", "disabled driver's token")
_CLIENTS = ("client P", "client P, basic", "client Q", "operator", "publishable", "publishable elsewhere")
_DRIVERS = ("driver A", "driver B", "driver through Q", "driver through the operator")

_ANY_CLIENT = (
    dict.fromkeys(_NOBODIES, NOBODY)
    | dict.fromkeys((*_CLIENTS, *_DRIVERS), IN)
    | {"publishable elsewhere": NOT_ALLOWED}
)
_IN_PLAN = _ANY_CLIENT | {"client Q": NOT_IN_PLAN, "driver through Q": NOT_IN_PLAN}
_BEYOND_READING = {"publishable": NOT_ALLOWED}
_DRIVER = dict.fromkeys((*_NOBODIES, *_CLIENTS), NO_DRIVER) | dict.fromkeys(_DRIVERS, IN)
_OWNER = _DRIVER | dict.fromkeys(_DRIVERS[1:], UNKNOWN)
_OPERATOR = dict.fromkeys(_NOBODIES, NOBODY) | dict.fromkeys((*_CLIENTS, *_DRIVERS), NOT_ALLOWED) | {"operator": IN}

WHO_MAY: dict[str, Mapping[str, str]] = {
    "list_networks": _ANY_CLIENT,
    "find_stations": _IN_PLAN,
    "find_clusters": _IN_PLAN,
    "find_along_route": _IN_PLAN | _BEYOND_READING,
    "get_station": _IN_PLAN,
    "list_statuses": _IN_PLAN,
    "get_station_status": _IN_PLAN,
    "get_status_log": _IN_PLAN,
    "get_reliability": _IN_PLAN,
    "follow_stream": _IN_PLAN,
    "get_station_file": _IN_PLAN,
    "get_station_collection": _IN_PLAN,
    "list_changes": _IN_PLAN,
    "estimate_at_station": _IN_PLAN,
    "calculate_price": _IN_PLAN | _BEYOND_READING,
    "list_openings": _ANY_CLIENT,
    "log_in": _ANY_CLIENT | _BEYOND_READING,
    "report_statuses": _OPERATOR,
    "announce_maintenance": _OPERATOR,
    "list_maintenance_windows": _IN_PLAN,
    "get_maintenance_window": _IN_PLAN,
    "cancel_maintenance_window": _OPERATOR,
    "put_tariff": _OPERATOR,
    "delete_tariff": _OPERATOR,
    "quote_reservation": _DRIVER,
    "hold_reservation": _DRIVER,
    "list_reservations": _DRIVER,
    "get_reservation": _OWNER,
    "confirm_reservation": _OWNER,
    "release_reservation": _OWNER,
    "cancel_reservation": _OWNER,
    "get_reservation_history": _OWNER,
    "modify_reservation": _OWNER,
    "extend_hold": _OWNER,
    "get_reservation_policy": _OPERATOR,
    "put_reservation_policy": _OPERATOR,
    "delete_reservation_policy": _OPERATOR,
    "log_out": _DRIVER,
    "log_out_everywhere": _DRIVER,
    "change_password": _DRIVER,
    "get_driver": _DRIVER,
    "list_cards": _DRIVER,
}
ENDS_TOKENS = {"log_out", "log_out_everywhere", "change_password"}


class Everybody:
    """One caller of every kind."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self._app, clients = app, of(app, ClientAccess)
        self.keys = {
            "client P": "demo",
            "client Q": clients.create("Q", plan=Plan.CORPORATE),
            "operator": "demo-operator",
            "operator's app": clients.create("O", operator=True),
            "publishable": clients.create("a page", publishable=True, allowed_origins=(PAGE,)),
            "disabled key": clients.create("gone"),
        }
        clients.disable(self.keys["disabled key"].partition(".")[0])
        for username in ("eve", "quentin", "otto", "gone"):
            of(app, DriverAccess).create(username, PASSWORD)
        self._clock = clock

    def callers(self) -> dict[str, Conversation]:
        """Each with a token of its own, which an operation may end."""
        keys = {name: Conversation(self._app, {"X-API-Key": key}) for name, key in self.keys.items()}
        del keys["operator's app"]
        return keys | {
            "no key": Conversation(self._app, {}),
            "wrong secret": Conversation(self._app, {"X-API-Key": f"{self.keys['client Q']}x"}),
            "client P, basic": Conversation(self._app, {"Authorization": "Basic ZGVtbzo="}),
            "publishable": Conversation(self._app, {"X-API-Key": self.keys["publishable"], "Origin": PAGE}),
            "publishable elsewhere": Conversation(self._app, {"X-API-Key": self.keys["publishable"], "Origin": "null"}),
            "driver A": self._driver("client P", "demo", "demo"),
            "driver B": self._driver("client P"),
            "driver through Q": self._driver("client Q", "quentin"),
            "driver through the operator": self._driver("operator's app", "otto"),
            "revoked token": self._revoked(),
            "expired token": self._expired(),
            "disabled driver's token": self._disabled(),
        }

    def _driver(self, key: str, username: str = "eve", password: str = PASSWORD) -> Conversation:
        client = Conversation(self._app, {"X-API-Key": self.keys[key]})
        answer = client.post("/v1/login", {"username": username, "password": password})
        return Conversation(self._app, {"Authorization": f"Bearer {answer.json['access_token']}"})

    def _revoked(self) -> Conversation:
        driver = self._driver("client P")
        assert driver.post("/v1/logout").status_code == 204
        return driver

    def _expired(self) -> Conversation:
        self._clock.advance(hours=-12)
        driver = self._driver("client P")
        self._clock.advance(hours=12)
        return driver

    def _disabled(self) -> Conversation:
        of(self._app, DriverUpkeep).enable("gone")
        driver = self._driver("client P", "gone")
        of(self._app, DriverUpkeep).disable("gone")
        return driver


@pytest.fixture
def everybody(app: Flask, clock: FixedClock) -> Everybody:
    return Everybody(app, clock)


def _outcome(answer: TestResponse) -> str:
    code = answer.json["code"] if answer.mimetype == "application/problem+json" else IN
    if code in (NOBODY, NO_DRIVER, NOT_IN_PLAN, NOT_ALLOWED):
        return str(code)
    return UNKNOWN if answer.status_code == 404 else IN


def _cells(operation: Operation, callers: Mapping[str, Conversation]) -> dict[tuple[str, str], str]:
    return {(operation.name, name): _outcome(operation.send(caller)) for name, caller in callers.items()}


def test_every_operation_lets_in_whom_the_table_says_and_nobody_else(app: Flask, everybody: Everybody) -> None:
    callers = everybody.callers()
    wish = {"station_id": "1:41613", "start": START, "duration_min": 60, "card": CARDS[0].serial_number}
    handle = callers["driver A"].post("/v1/reservations", wish).json["handle"]
    found: dict[tuple[str, str], str] = {}

    made = announce(callers["client P"])
    for operation in sorted(
        operations(app, handle=handle, maintenance_id=made), key=lambda one: one.name in ENDS_TOKENS
    ):
        found |= _cells(operation, everybody.callers() if operation.name in ENDS_TOKENS else callers)

    said = {(operation, caller): outcome for operation, row in WHO_MAY.items() for caller, outcome in row.items()}
    assert {cell: outcome for cell, outcome in found.items() if said.get(cell) != outcome} == {}
    assert found.keys() == said.keys()
    assert len(found) >= 480


def test_every_operation_is_in_the_table(app: Flask) -> None:
    assert {operation.name for operation in operations(app)} == WHO_MAY.keys()


def test_the_control_an_operation_that_forgets_its_guard_is_noticed(app: Flask, everybody: Everybody) -> None:
    app.view_functions["reservations.list_reservations"] = lambda **_: {}
    [operation] = [one for one in operations(app) if one.name == "list_reservations"]

    found = _cells(operation, everybody.callers())

    assert any(found[operation.name, caller] != said for caller, said in WHO_MAY[operation.name].items())
