"""Openings, quotes, holds and what becomes of them: the guide's section 7 as a conversation."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.domain.caller import Card
from accounts.drivers import DriverAccess

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # the clock's time
WISH = {"station_id": "1:41613", "start": "2026-03-10T17:00:00Z", "duration_min": 60, "card": "111973"}
SPAN = {"start": "2026-03-10T12:00:00Z", "end": "2026-03-10T20:00:00Z"}
ABSENT = "rsv_" + 32 * "a"
FIELDS = (
    "handle state station_id port_number start end duration_min card price cancellation_interval_min cancel_until"
    " hold_expires_at confirmed_at trouble created_at updated_at policy extensions"
)


@pytest.fixture
def driver(api):
    return api.as_driver("demo", "demo")


@pytest.fixture
def other(app, api):
    """Another driver, with a card that is active and one that is not."""
    cards = (Card("555", "spare"), Card("556", "new", active=False))
    app.extensions["portside"][DriverAccess].create("eve", "a secret of eve", cards=cards)
    return api.as_driver("eve", "a secret of eve")


def refusal(answer) -> tuple[int, str, str | None]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["code"], answer.json["response_code"]


def held(driver, **changes) -> str:
    answer = driver.post("/v1/reservations", WISH | changes)
    assert answer.status_code == 201, answer.text
    return answer.json["handle"]


def path(handle: str, deed: str = "") -> str:
    return f"/v1/reservations/{handle}/{deed}".rstrip("/")


def later(**span: float) -> str:
    return (NOON + timedelta(**span)).isoformat().replace("+00:00", "Z")


def test_a_driver_sees_openings_holds_one_and_confirms_it(driver) -> None:
    opening = driver.get("/v1/openings", station_id="1:41613", **SPAN).json["data"][0]["openings"][0]

    hold = driver.post("/v1/reservations", WISH | {"start": opening["start"], "port_number": opening["port_number"]})
    confirmed = driver.post(path(hold.json["handle"], "confirm"))

    assert (hold.status_code, hold.json["state"]) == (201, "HELD")
    assert (confirmed.status_code, confirmed.json["state"]) == (200, "CONFIRMED")
    assert confirmed.json["price"] == hold.json["price"]


def test_a_hold_answers_everything_that_a_driver_has_to_know(driver) -> None:
    answer = driver.post("/v1/reservations", WISH)

    assert answer.headers["Location"] == path(answer.json["handle"])
    assert set(answer.json) == set(FIELDS.split())
    assert answer.json["hold_expires_at"] == later(minutes=5)
    assert answer.json["cancel_until"] == "2026-03-10T16:30:00Z"
    assert (answer.json["price"]["total"], answer.json["price"]["currency"]) == ("1.50", "USD")
    assert re.fullmatch(r"rsv_[\w-]{22,}", answer.json["handle"])


def test_the_location_leads_to_the_reservation(driver) -> None:
    answer = driver.post("/v1/reservations", WISH)

    assert driver.get(answer.headers["Location"]).json == answer.json


def test_the_same_window_is_given_away_port_by_port_and_then_refused(driver, other) -> None:
    first, second = driver.post("/v1/reservations", WISH), other.post("/v1/reservations", WISH | {"card": "555"})

    assert {first.json["port_number"], second.json["port_number"]} == {1, 2}
    assert refusal(driver.post("/v1/reservations", WISH)) == (409, "port_taken", "109")
    assert refusal(driver.post("/v1/reservations", WISH | {"port_number": 1})) == (409, "port_taken", "112")


def test_windows_that_touch_do_not_collide(driver) -> None:
    held(driver, port_number=1)

    assert held(driver, port_number=1, start="2026-03-10T18:00:00Z")
    assert held(driver, port_number=1, start="2026-03-10T16:00:00Z")


def test_what_is_held_is_no_longer_open_and_what_is_released_is(driver) -> None:
    ask = {"station_id": "1:41613", "port": 1, **SPAN}
    handle = held(driver, port_number=1)
    during = driver.get("/v1/openings", **ask).json["data"][0]["openings"]

    driver.post(path(handle, "release"))
    after = driver.get("/v1/openings", **ask).json["data"][0]["openings"]

    assert [(one["start"], one["end"]) for one in during] == [
        (SPAN["start"], "2026-03-10T17:00:00Z"),
        ("2026-03-10T18:00:00Z", SPAN["end"]),
    ]
    assert [(one["start"], one["end"]) for one in after] == [(SPAN["start"], SPAN["end"])]


def test_openings_begin_now_and_leave_out_what_is_too_short(driver, clock) -> None:
    held(driver, port_number=1, start="2026-03-10T13:00:00Z")
    clock.advance(minutes=30, milliseconds=1)
    ask = {"station_id": "1:41613", "port": 1, "start": "2026-03-10T00:00:00Z", "end": "2026-03-10T15:00:00Z"}

    assert driver.get("/v1/openings", **ask).json["data"][0]["openings"][0]["start"] == later(minutes=30, seconds=1)

    held(driver, port_number=1, start="2026-03-10T13:00:00Z")
    openings = driver.get("/v1/openings", **ask, min_duration_min=60).json["data"][0]["openings"]
    assert [one["start"] for one in openings] == ["2026-03-10T14:00:00Z"]


def test_openings_of_many_stations_come_in_the_order_asked_and_strangers_are_named(api) -> None:
    answer = api.get("/v1/openings", station_id=["1:23", "9:9", "1:41613", "1:34", "1:23"], **SPAN).json

    assert [one["station_id"] for one in answer["data"]] == ["1:23", "1:41613", "1:34"]
    assert answer["not_found"] == ["9:9"]
    assert (answer["data"][2]["reservable"], answer["data"][2]["openings"]) == (False, [])


@pytest.mark.parametrize(
    "ask",
    [
        {},
        {"station_id": "1:41613"},
        {"station_id": "1:41613", "start": SPAN["end"], "end": SPAN["start"]},
        {"station_id": "1:41613", "start": SPAN["start"], "end": SPAN["start"]},
        {"station_id": "1:41613", "start": "2026-03-10T12:00:00Z", "end": "2026-04-10T12:00:01Z"},
        {"station_id": [f"1:{number}" for number in range(201)], **SPAN},
        {"station_id": "1:41613", "prot": 1, **SPAN},
    ],
)
def test_openings_refuse_what_they_do_not_understand(api, ask) -> None:
    assert api.get("/v1/openings", **ask).status_code == 400


@pytest.mark.parametrize("year", ["0001", "9998"])
def test_openings_of_the_far_past_and_future_are_none(api, year) -> None:
    span = {"start": f"{year}-03-10T12:00:00Z", "end": f"{year}-03-11T12:00:00Z"}

    assert api.get("/v1/openings", station_id="1:41613", **span).json["data"][0]["openings"] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "2026-03-10T11:59:59Z"}, (422, "start_in_past", "106")),
        ({"start": "0001-01-01T00:00:00Z"}, (422, "start_in_past", "106")),
        ({"start": "9999-12-31T23:59:59Z"}, (422, "start_too_far", "106")),
        ({"start": "2026-03-10T17:00:00.5Z"}, (422, "invalid_start", "106")),
        ({"duration_min": 0}, (422, "invalid_duration", "107")),
        ({"duration_min": -60}, (422, "invalid_duration", "107")),
        ({"duration_min": 1441}, (422, "invalid_duration", "107")),
        ({"duration_min": 60.5}, (422, "invalid_body", "171")),
        ({"state": "CONFIRMED"}, (422, "invalid_body", "171")),
        ({"card": "555"}, (422, "card_invalid", "147")),
        ({"station_id": "1:34"}, (409, "not_reservable", "128")),
        ({"station_id": "9:9"}, (404, "unknown_station", "119")),
        ({"port_number": 3}, (404, "unknown_port", "119")),
        ({"quote_id": "quo_" + 32 * "a"}, (422, "quote_mismatch", "171")),
        ({"quote_id": "mine"}, (422, "quote_mismatch", "171")),
    ],
)
def test_what_cannot_be_held_is_refused_by_name(driver, other, change, said) -> None:
    assert refusal(driver.post("/v1/reservations", WISH | change)) == said


def test_a_card_that_is_not_activated_reserves_nothing(other) -> None:
    answer = other.post("/v1/reservations", WISH | {"card": "556"})

    assert refusal(answer) == (422, "card_not_active", "105")


def test_the_fourth_live_hold_is_refused_until_one_is_confirmed(driver) -> None:
    handles = [held(driver, start=f"2026-03-10T{hour}:00:00Z") for hour in (13, 14, 15)]
    answer = driver.post("/v1/reservations", WISH)

    assert refusal(answer) == (429, "too_many_holds", None)
    assert answer.headers["Retry-After"] == "300"
    driver.post(path(handles[0], "confirm"))
    assert held(driver)


def test_after_the_holds_have_run_out_there_is_room_again(driver, clock) -> None:
    for hour in (13, 14, 15):
        held(driver, start=f"2026-03-10T{hour}:00:00Z")

    clock.advance(minutes=5)

    assert held(driver)


def test_a_hold_that_has_run_out_reads_as_lapsed_and_cannot_be_confirmed(driver, clock) -> None:
    handle = held(driver)
    clock.advance(minutes=5)

    assert driver.get(path(handle)).json["state"] == "LAPSED"
    assert refusal(driver.post(path(handle, "confirm"))) == (409, "hold_expired", "112")
    assert refusal(driver.post(path(handle, "release"))) == (409, "hold_expired", "112")


def test_a_late_confirm_leaves_the_next_drivers_reservation_alone(driver, other, clock) -> None:
    late = held(driver, port_number=1)
    clock.advance(minutes=5)
    theirs = held(other, port_number=1, card="555")

    assert refusal(driver.post(path(late, "confirm"))) == (409, "hold_expired", "112")
    assert other.post(path(theirs, "confirm")).json["state"] == "CONFIRMED"


@pytest.mark.parametrize("deed", ["confirm", "release"])
def test_doing_it_again_gives_the_same_answer(driver, clock, deed) -> None:
    handle = held(driver)
    first = driver.post(path(handle, deed))
    clock.advance(minutes=1)

    assert driver.post(path(handle, deed)).data == first.data


def test_a_cancelled_reservation_says_so_when_cancelled_again(driver) -> None:
    handle = held(driver)
    driver.post(path(handle, "confirm"))

    assert driver.post(path(handle, "cancel")).json["state"] == "CANCELLED"
    assert refusal(driver.post(path(handle, "cancel"))) == (409, "already_cancelled", "116")
    assert refusal(driver.post(path(handle, "confirm"))) == (409, "wrong_state", None)


def test_cancelling_is_possible_until_half_an_hour_ahead(driver, clock) -> None:
    handle = held(driver)
    driver.post(path(handle, "confirm"))
    clock.advance(hours=4, minutes=30)

    assert refusal(driver.post(path(handle, "cancel"))) == (409, "cancellation_too_late", "114")


def test_a_hold_is_released_and_a_reservation_is_cancelled_and_not_the_other_way(driver) -> None:
    handle = held(driver)
    too_early = driver.post(path(handle, "cancel"))
    driver.post(path(handle, "confirm"))

    assert refusal(too_early) == (409, "wrong_state", None)
    assert refusal(driver.post(path(handle, "release"))) == (409, "wrong_state", None)


@pytest.mark.parametrize("deed", ["", "confirm", "release", "cancel"])
def test_other_peoples_reservations_are_as_unknown_as_none_at_all(driver, other, deed) -> None:
    theirs, same = held(other, card="555"), {"X-Request-ID": "same"}
    ask = driver.post if deed else driver.get

    foreign, absent, nonsense = (ask(path(handle, deed), headers=same) for handle in (theirs, ABSENT, "%00'--"))

    assert refusal(foreign) == (404, "handle_unknown", "113")
    assert foreign.data.replace(theirs.encode(), ABSENT.encode()) == absent.data
    assert refusal(nonsense) == refusal(foreign)


def test_a_quoted_price_is_honoured_by_the_hold(driver) -> None:
    quote = driver.post("/v1/quotes", {**WISH, "port_number": 2})
    hold = driver.post("/v1/reservations", WISH | {"quote_id": quote.json["quote_id"]})

    assert quote.status_code == 201
    assert quote.json["expires_at"] == later(minutes=10)
    assert (hold.json["port_number"], hold.json["price"]) == (2, quote.json["price"])
    assert sum(Decimal(line["amount"]) for line in quote.json["price"]["lines"]) == Decimal("1.50")


def test_a_quote_holds_nothing(driver, other) -> None:
    driver.post("/v1/quotes", WISH)

    assert held(other, card="555", port_number=1)
    assert driver.get("/v1/reservations").json["data"] == []


@pytest.mark.parametrize(
    "change", [{"station_id": "1:23"}, {"port_number": 2}, {"start": "2026-03-10T17:00:01Z"}, {"duration_min": 61}]
)
def test_a_quote_is_for_what_was_quoted_only(driver, change) -> None:
    quote_id = driver.post("/v1/quotes", WISH).json["quote_id"]

    answer = driver.post("/v1/reservations", WISH | {"quote_id": quote_id} | change)

    assert refusal(answer) == (422, "quote_mismatch", "171")


def test_a_quote_is_for_its_driver_and_for_ten_minutes(driver, other, clock) -> None:
    quote_id = driver.post("/v1/quotes", WISH).json["quote_id"]
    stolen = other.post("/v1/reservations", WISH | {"card": "555", "quote_id": quote_id})
    clock.advance(minutes=10)
    stale = driver.post("/v1/reservations", WISH | {"quote_id": quote_id})

    assert refusal(stolen) == (422, "quote_mismatch", "171")
    assert refusal(stale)[:2] == (409, "quote_expired")


def test_a_repeated_post_with_its_key_has_one_effect(driver) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = (driver.post("/v1/reservations", WISH, headers=key) for _ in range(2))

    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(driver.get("/v1/reservations").json["data"]) == 1


def test_a_refusal_with_a_key_is_kept_and_leaves_nothing_else_behind(driver, other) -> None:
    key = {"Idempotency-Key": "taken"}
    theirs = held(other, card="555", port_number=1)
    first = driver.post("/v1/reservations", WISH | {"port_number": 1}, headers=key)
    other.post(path(theirs, "release"))

    assert refusal(first) == (409, "port_taken", "112")
    assert driver.post("/v1/reservations", WISH | {"port_number": 1}, headers=key).data == first.data


def test_a_driver_lists_own_reservations_by_start_page_by_page(driver, other) -> None:
    handles = [held(driver, start=f"2026-03-10T{hour}:00:00Z") for hour in (15, 13, 14)]
    held(other, card="555")

    first = driver.get("/v1/reservations", limit=2)
    second = driver.get("/v1/reservations", limit=2, cursor=first.json["next_cursor"])

    seen = [one["handle"] for page in (first, second) for one in page.json["data"]]
    assert seen == [handles[1], handles[2], handles[0]]
    assert first.json["has_more"]
    assert 'rel="next"' in first.headers["Link"]
    assert (second.json["has_more"], second.json["next_cursor"]) == (False, None)


def test_reservations_are_found_by_time_card_and_state(driver, clock) -> None:
    lapsed = held(driver, card="231214315")
    clock.advance(minutes=5)
    confirmed = held(driver, start="2026-03-11T17:00:00Z")
    driver.post(path(confirmed, "confirm"))

    def found(**ask) -> list[str]:
        return [one["handle"] for one in driver.get("/v1/reservations", **ask).json["data"]]

    assert found(state="LAPSED") == found(card="231214315") == found(end="2026-03-11T00:00:00Z") == [lapsed]
    assert found(state="CONFIRMED") == found(start="2026-03-10T18:00:00Z") == [confirmed]
    assert found(state=["LAPSED", "CONFIRMED"]) == [lapsed, confirmed]
    assert found(state="HELD") == found(card="none") == []


@pytest.mark.parametrize(
    "ask",
    [
        {"state": "BOOKED"},
        {"limit": 0},
        {"limit": 201},
        {"cursor": "nonsense"},
        {"start": SPAN["end"], "end": SPAN["start"]},
        {"driver_id": 2},
    ],
)
def test_a_list_refuses_what_it_does_not_understand(driver, ask) -> None:
    assert driver.get("/v1/reservations", **ask).status_code == 400


def test_a_cursor_belongs_to_the_question_it_came_from(driver) -> None:
    for hour in (13, 14):
        held(driver, start=f"2026-03-10T{hour}:00:00Z")
    cursor = driver.get("/v1/reservations", limit=1).json["next_cursor"]

    answer = driver.get("/v1/reservations", limit=1, cursor=cursor, state="HELD")

    assert refusal(answer)[:2] == (400, "invalid_cursor")


@pytest.mark.parametrize("way", ["/v1/quotes", "/v1/reservations", path(ABSENT, "confirm"), path(ABSENT, "cancel")])
def test_a_key_alone_does_not_reserve(api, way) -> None:
    assert refusal(api.post(way, WISH))[:2] == (401, "driver_login_required")


def test_the_document_links_a_hold_to_what_can_be_done_with_it(api) -> None:
    paths = api.as_nobody().get("/openapi.json").json["paths"]
    links = paths["/v1/reservations"]["post"]["responses"]["201"]["links"]
    known = {
        operation["operationId"] for one in paths.values() for operation in one.values() if "operationId" in operation
    }

    assert {link["operationId"] for link in links.values()} == set(links)
    assert set(links) <= known
