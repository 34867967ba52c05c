"""A driver's own account: conversations about who is logged in, other passwords, and logging out everywhere."""

import pytest
from flask import Flask

from accounts.drivers import DriverAccess
from kernel.services import of
from tests.api.problem_words import faults, problem
from tests.conversation import Conversation

OLD, NEW = "correct horse", "battery staple"


@pytest.fixture
def anna(app: Flask, api: Conversation) -> Conversation:
    of(app, DriverAccess).create("anna", OLD, pays=False)
    return api.as_driver("anna", OLD)


def _change(driver: Conversation, old: str = OLD, new: str = NEW):
    return driver.post("/v1/me/password", {"old_password": old, "new_password": new})


def test_a_driver_reads_own_account(api: Conversation, anna: Conversation) -> None:
    login = api.post("/v1/login", {"username": "anna", "password": OLD}).json

    assert anna.get("/v1/me").json == {
        "username": "anna",
        "account_handle": login["account_handle"],
        "has_payment_method": False,
    }
    assert api.as_driver().get("/v1/me").json["has_payment_method"] is True


def test_another_password_ends_every_other_token(api: Conversation, anna: Conversation) -> None:
    other = api.as_driver("anna", OLD)

    assert _change(anna).status_code == 204

    assert anna.get("/v1/me").status_code == 200
    problem(other.get("/v1/me"), 401, "driver_login_required")
    problem(api.post("/v1/login", {"username": "anna", "password": OLD}), 401, "invalid_credentials")
    assert api.as_driver("anna", NEW).get("/v1/me").status_code == 200


def test_a_wrong_old_password_changes_nothing_and_is_counted(api: Conversation, anna: Conversation) -> None:
    answers = [_change(anna, old="wrong") for _ in range(11)]

    for answer in answers[:10]:
        problem(answer, 403, "wrong_password")
    problem(answers[10], 429, "too_many_attempts")
    problem(_change(anna), 429, "too_many_attempts")
    problem(api.post("/v1/login", {"username": "anna", "password": OLD}), 429, "too_many_attempts")


@pytest.mark.parametrize("new", ["short", "x" * 129, "password1", "anna", "Anna2026"])
def test_an_unfit_password_is_refused_before_the_old_one_is_looked_at(anna: Conversation, new: str) -> None:
    answers = [_change(anna, new=new) for _ in range(12)]

    assert {answer.status_code for answer in answers} == {422}
    assert answers[0].json["code"] == "unfit_password" or faults(answers[0]) == {"/new_password"}
    assert _change(anna).status_code == 204


def test_logging_out_everywhere_ends_every_token_of_that_driver_alone(api: Conversation, anna: Conversation) -> None:
    other, demo = api.as_driver("anna", OLD), api.as_driver()

    assert anna.request("DELETE", "/v1/me/tokens").status_code == 204

    for caller in (anna, other):
        problem(caller.get("/v1/me"), 401, "driver_login_required")
    assert demo.get("/v1/me").status_code == 200


def test_the_demo_driver_s_password_stays(api: Conversation) -> None:
    problem(_change(api.as_driver(), old="demo"), 409, "demo_account")

    assert api.as_driver().get("/v1/me").status_code == 200
