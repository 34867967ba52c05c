"""Announcing, listing and cancelling maintenance windows."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import FixedClock
from kernel.fields import moment_text
from tests.api.finder_words import HQ14
from tests.api.maintenance_words import END, MESSAGE, START, WINDOWS, a_window, announce, cancel, listed
from tests.api.problem_words import faults, problem
from tests.conftest import NOW
from tests.conversation import Conversation

SECOND = timedelta(seconds=1)
BAD = (
    ({"scope": {}}, "/scope", "invalid_body"),
    ({"scope": {"network_id": 1, "organization_id": "1:12"}}, "/scope", "invalid_body"),
    ({"scope": {"station_ids": []}}, "/scope/station_ids", "invalid_body"),
    ({"scope": {"station_ids": ["HQ14"]}}, "/scope/station_ids/0", "invalid_body"),
    ({"scope": {"station_ids": [HQ14, HQ14]}}, "/scope/station_ids", "invalid_body"),
    ({"scope": {"networks": [1]}}, "/scope/networks", "invalid_body"),
    ({"scope": {"network_id": 999}}, "/scope/network_id", "unknown_scope"),
    ({"scope": {"organization_id": "9:9"}}, "/scope/organization_id", "unknown_scope"),
    ({"scope": {"station_ids": [HQ14, "1:999"]}}, "/scope/station_ids/1", "unknown_scope"),
    ({"start": moment_text(END)}, "/end", "invalid_maintenance_window"),
    ({"start": moment_text(NOW - timedelta(hours=1))}, "/start", "invalid_maintenance_window"),
    (
        {"start": moment_text(NOW + timedelta(days=366, seconds=1)), "end": moment_text(NOW + timedelta(days=367))},
        "/start",
        "invalid_maintenance_window",
    ),
    ({"end": moment_text(START + timedelta(days=31, seconds=1))}, "/end", "invalid_maintenance_window"),
    ({"start": None, "end": moment_text(NOW)}, "/end", "invalid_maintenance_window"),
    ({"start": "2026-03-10T13:00:00"}, "/start", "invalid_body"),
    ({"message": "   "}, "/message", "invalid_body"),
    ({"message": "x" * 501}, "/message", "invalid_body"),
    ({"message": "two\nlines"}, "/message", "invalid_body"),
    ({"effects": []}, "/effects", "invalid_body"),
    ({"effects": ["status_delayed", "status_delayed"]}, "/effects", "invalid_body"),
    ({"effects": ["status_delayed", "explosions"]}, "/effects/1", "invalid_body"),
    ({"announced_at": "2026-03-10T13:00:00Z"}, "/announced_at", "invalid_body"),
)


def test_a_window_is_announced_and_read_by_anybody_with_a_key(api: Conversation) -> None:
    made = api.as_operator().post(WINDOWS, a_window())

    read = api.get(made.headers["Location"])
    assert made.status_code == 201
    assert read.json == made.json
    assert (read.json["state"], read.json["message"]) == ("ANNOUNCED", MESSAGE)
    assert read.json["scope"] == {"everything": False, "network_id": 1, "organization_id": None, "station_ids": []}
    assert (read.json["start"], read.json["end"]) == (moment_text(START), moment_text(END))


def test_without_a_start_it_begins_now(api: Conversation) -> None:
    made = api.as_operator().post(WINDOWS, a_window(None))

    assert (made.json["start"], made.json["state"]) == (moment_text(NOW), "ACTIVE")


@pytest.mark.parametrize(("changes", "pointer", "code"), BAD)
def test_what_cannot_be_announced_is_refused_with_a_pointer(
    api: Conversation, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = api.as_operator().post(WINDOWS, {**a_window(), **changes})

    problem(answer, 422, code)
    assert faults(answer) == {pointer}
    assert listed(api) == []


def test_only_an_operator_announces_and_cancels(api: Conversation) -> None:
    made = announce(api)

    problem(api.post(WINDOWS, a_window()), 403, "not_allowed")
    problem(api.request("DELETE", f"{WINDOWS}/{made}"), 403, "not_allowed")
    assert listed(api) == [made]


def test_announced_again_with_its_key_it_is_the_same_window(api: Conversation) -> None:
    key = {"Idempotency-Key": "upgrade"}
    first = api.as_operator().post(WINDOWS, a_window(), headers=key)

    again = api.as_operator().post(WINDOWS, a_window(), headers=key)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json
    assert len(listed(api)) == 1


def test_a_window_goes_through_its_states_to_the_second(api: Conversation, clock: FixedClock) -> None:
    made = announce(api)
    states = {}
    for moment in (START - SECOND, START, END - SECOND, END):
        clock.moment = moment
        states[moment] = api.get(f"{WINDOWS}/{made}").json["state"]

    assert list(states.values()) == ["ANNOUNCED", "ACTIVE", "ACTIVE", "ENDED"]
    assert listed(api) == []
    assert listed(api, state="ENDED") == [made]


def test_a_cancelled_window_is_gone(api: Conversation) -> None:
    made = announce(api)

    assert cancel(api, made).status_code == 204

    problem(api.get(f"{WINDOWS}/{made}"), 404, "unknown_maintenance_window")
    problem(cancel(api, made), 404, "unknown_maintenance_window")
    assert listed(api) == []


def test_what_has_ended_cannot_be_cancelled(api: Conversation, clock: FixedClock) -> None:
    made = announce(api)
    clock.moment = END

    problem(cancel(api, made), 409, "maintenance_over")
    assert listed(api, state="ENDED") == [made]


def test_a_list_tells_what_concerns_a_station_or_a_network(api: Conversation) -> None:
    network = announce(api, START)
    owner = announce(api, START + SECOND, scope={"organization_id": _owner(api, HQ14)})
    station = announce(api, START + 2 * SECOND, scope={"station_ids": [HQ14, "1:39183"]})
    other = announce(api, START + 3 * SECOND, scope={"station_ids": ["1:39183"]})

    assert listed(api, station_id=HQ14) == [network, owner, station]
    assert listed(api, station_id="1:39183") == [network, station, other]
    assert listed(api, network=1) == [network, owner, station, other]
    assert listed(api, network=2) == []


def _owner(api: Conversation, station_id: str) -> str:
    return str(api.get(f"/v1/stations/{station_id}").json["organization"]["organization_id"])


def test_a_list_tells_what_is_active_at_a_moment(api: Conversation) -> None:
    first, second = announce(api), announce(api, END, END + timedelta(hours=1))

    assert listed(api, active_at=moment_text(START - SECOND)) == []
    assert listed(api, active_at=moment_text(END - SECOND)) == [first]
    assert listed(api, active_at=moment_text(END)) == [second]


def test_a_list_comes_in_pages(api: Conversation) -> None:
    made = [announce(api, START + number * SECOND) for number in range(5)]

    pages, cursor = [], None
    for _ in range(3):
        answer = api.get(WINDOWS, limit=2, **({"cursor": cursor} if cursor else {}))
        pages += [one["maintenance_id"] for one in answer.json["data"]]
        cursor = answer.json["next_cursor"]

    assert (pages, cursor) == (made, None)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"state": "CANCELLED"}, "state"),
        ({"state": "active"}, "state/0"),
        ({"station_id": "HQ14"}, "station_id"),
        ({"network": "one"}, "network"),
        ({"active_at": "noon"}, "active_at"),
        ({"organization": "1:12"}, "organization"),
    ],
)
def test_a_list_refuses_what_it_does_not_know(api: Conversation, query: dict[str, str], name: str) -> None:
    answer = api.get(WINDOWS, **query)

    problem(answer, 400, "invalid_request")
    assert faults(answer) == {name}


def test_a_cursor_of_another_question_is_refused(api: Conversation) -> None:
    for number in range(3):
        announce(api, START + number * SECOND)
    cursor = api.get(WINDOWS, limit=1).json["next_cursor"]

    problem(api.get(WINDOWS, limit=1, cursor=cursor, network=1), 400, "invalid_cursor")


@pytest.mark.parametrize("name", ["mnt_0000000000000000", "mnt_x", "%00", "1"])
def test_what_is_no_window_is_unknown(api: Conversation, name: str) -> None:
    problem(api.get(f"{WINDOWS}/{name}"), 404, "unknown_maintenance_window")
    problem(cancel(api, name), 404, "unknown_maintenance_window")
