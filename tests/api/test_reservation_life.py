"""Life after confirming, as a driver meets it: the charger reports, time passes, ports break."""

import pytest

from reservations.expiry import Expiry
from reservations.relocation import Relocation
from tests.api.test_reservation_history import moves
from tests.api.test_reservations import driver as driver
from tests.api.test_reservations import held, path

STATION = "1:41613"


@pytest.fixture
def charger(api, clock):
    """What the station's charger says of a port, now."""
    operator = api.as_operator()

    def say(word: str, port: int = 1, **more) -> str:
        report = {"station_id": STATION, "port_number": port, "technical_status": word, "reported_at": now(clock)}
        answer = operator.post("/v1/status-reports", {"reports": [report | more]})
        assert answer.status_code == 200, answer.text
        return answer.json["data"][0]["outcome"]

    return say


def now(clock) -> str:
    return clock.now().isoformat().replace("+00:00", "Z")


def reserved(driver, **changes) -> str:
    handle = held(driver, port_number=1, **changes)
    assert driver.post(path(handle, "confirm")).status_code == 200
    return handle


def test_plugging_in_with_the_card_makes_it_active_and_leaving_completes_it(driver, charger, clock) -> None:
    handle = reserved(driver)
    clock.advance(hours=5)
    assert charger("charging", card="111973") == "accepted"
    active = driver.get(path(handle)).json["state"]
    clock.advance(minutes=30)
    charger("available")

    assert (active, driver.get(path(handle)).json["state"]) == ("ACTIVE", "COMPLETED")
    assert [(what, cause) for what, _, cause, _, _ in moves(driver, handle)[2:]] == [
        ("active", "REPORT"),
        ("completed", "REPORT"),
    ]


def test_a_port_that_another_card_uses_is_told_and_the_card_is_not(driver, charger, clock) -> None:
    handle = reserved(driver)
    clock.advance(hours=5)
    charger("charging", card="secret-of-eve")

    told = driver.get(path(handle))
    history = driver.get(path(handle, "history"))

    assert (told.json["state"], told.json["trouble"]) == (
        "CONFIRMED",
        {"reason": "port_in_use_by_another_card", "since": "2026-03-10T17:00:00Z"},
    )
    assert history.json["data"][-1]["changed"] == {"trouble": {"from": None, "to": told.json["trouble"]}}
    log = driver.get(f"/v1/stations/{STATION}/status-log")
    assert not any("secret-of-eve" in answer.text for answer in (told, history, log))


def test_a_reservation_is_moved_away_from_a_faulty_port_and_says_so(app, driver, charger, clock) -> None:
    handle = reserved(driver)
    clock.advance(hours=4, minutes=30)
    price = driver.get(path(handle)).json["price"]
    charger("faulted", error_code="E7")

    app.extensions["portside"][Relocation].sweep()

    told = driver.get(path(handle)).json
    last = driver.get(path(handle, "history")).json["data"][-1]
    assert (told["port_number"], told["state"], told["trouble"], told["price"]) == (2, "CONFIRMED", None, price)
    assert (last["what"], last["cause"], last["from_state"]) == ("relocated", "REPORT", "CONFIRMED")
    assert last["changed"] == {"port_number": {"from": 1, "to": 2}}


def test_a_missed_reservation_frees_its_port_for_the_next_driver_at_once(app, driver, clock) -> None:
    missed = reserved(driver)
    ask = {"station_id": STATION, "port": 1, "start": "2026-03-10T17:00:00Z", "end": "2026-03-10T18:00:00Z"}
    clock.advance(hours=5, minutes=14)
    before = driver.get("/v1/openings", **ask).json["data"][0]["openings"]

    clock.advance(minutes=1)
    [opening] = driver.get("/v1/openings", **ask).json["data"][0]["openings"]
    following = held(driver, port_number=1, start=opening["start"], duration_min=45)

    assert (before, opening["start"]) == ([], "2026-03-10T17:15:00Z")
    assert driver.get(path(missed)).json["state"] == "NO_SHOW"
    assert driver.get(path(following)).json["state"] == "HELD"
    assert app.extensions["portside"][Expiry].sweep() == 0
    assert driver.get("/v1/reservations", state="NO_SHOW").json["data"][0]["handle"] == missed


def test_a_no_show_cannot_be_cancelled_or_come_back(driver, charger, clock) -> None:
    handle = reserved(driver)
    clock.advance(hours=5, minutes=15)
    charger("charging", card="111973")

    answer = driver.post(path(handle, "cancel"))

    assert (answer.status_code, answer.json["code"]) == (409, "wrong_state")
    assert driver.get(path(handle)).json["state"] == "NO_SHOW"
