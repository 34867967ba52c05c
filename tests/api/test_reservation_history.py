"""The history of a reservation as its driver reads it."""

from tests.api.test_reservations import ABSENT, held, later, path, refusal
from tests.api.test_reservations import driver as driver
from tests.api.test_reservations import other as other


def moves(driver, handle: str) -> list[tuple]:
    answer = driver.get(path(handle, "history"))
    assert answer.status_code == 200, answer.text
    names = ("what", "at", "cause", "from_state", "to_state")
    return [tuple(move[name] for name in names) for move in answer.json["data"]]


def test_every_move_is_listed_with_its_time_and_cause_oldest_first(driver, clock) -> None:
    handle = held(driver)
    clock.advance(minutes=1)
    driver.post(path(handle, "confirm"))
    clock.advance(minutes=1)
    driver.post(path(handle, "cancel"))

    assert moves(driver, handle) == [
        ("held", later(), "DRIVER", None, "HELD"),
        ("confirmed", later(minutes=1), "DRIVER", "HELD", "CONFIRMED"),
        ("cancelled", later(minutes=2), "DRIVER", "CONFIRMED", "CANCELLED"),
    ]


def test_what_is_refused_or_done_again_leaves_no_move(driver) -> None:
    handle = held(driver)
    for deed in ("confirm", "confirm", "release"):
        driver.post(path(handle, deed))

    assert [what for what, *_ in moves(driver, handle)] == ["held", "confirmed"]


def test_what_time_has_done_is_listed_though_nobody_wrote_it_down(driver, clock) -> None:
    lapsed, missed = held(driver, port_number=1), held(driver, port_number=2)
    driver.post(path(missed, "confirm"))
    clock.advance(hours=5, minutes=15)

    assert moves(driver, lapsed)[-1] == ("lapsed", later(minutes=5), "TIME", "HELD", "LAPSED")
    assert moves(driver, missed)[-1] == ("no_show", later(hours=5, minutes=15), "TIME", "CONFIRMED", "NO_SHOW")
    assert driver.get(path(missed)).json["state"] == "NO_SHOW"


def test_a_history_is_told_to_its_driver_only_and_anothers_looks_like_none(driver, other, api) -> None:
    handle = held(driver)

    foreign = other.get(path(handle, "history"), headers={"X-Request-ID": "same"})
    absent = other.get(path(ABSENT, "history"), headers={"X-Request-ID": "same"})

    assert refusal(foreign) == (404, "handle_unknown", "113")
    assert foreign.data == absent.data.replace(ABSENT.encode(), handle.encode())
    assert refusal(api.as_nobody().get(path(handle, "history")))[0] == 401
    assert refusal(driver.get(path(handle, "history"), limit=1))[:2] == (400, "invalid_request")


def test_a_history_is_one_answer_with_an_etag(driver) -> None:
    handle = held(driver)
    first = driver.get(path(handle, "history"))

    again = driver.get(path(handle, "history"), headers={"If-None-Match": first.headers["ETag"]})

    assert (first.json["total"], first.json["has_more"]) == (1, False)
    assert again.status_code == 304
