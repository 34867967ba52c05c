"""What every refusal of the API looks like."""

from typing import Any

from werkzeug.test import TestResponse

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "response_code", "errors", "request_id"}


def problem(answer: TestResponse, status: int, code: str | None = None) -> Any:
    """The problem in an answer: complete, of this status, and of this code where one is expected."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.path}: {answer.text}"
    assert answer.mimetype == "application/problem+json"
    said = answer.json
    assert said.keys() >= MEMBERS
    assert (said["status"], said["instance"]) == (status, answer.request.path)
    assert said["request_id"] == answer.headers["X-Request-ID"]
    assert all(fault.keys() == {"pointer", "detail"} for fault in said["errors"])
    assert code in (None, said["code"])
    return said


def faults(answer: TestResponse) -> set[str]:
    """Where the faults are: names of parameters, or JSON pointers."""
    return {fault["pointer"] for fault in answer.json["errors"]}
