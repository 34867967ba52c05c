"""The words of conversations about maintenance."""

from datetime import datetime, timedelta
from typing import Any

from kernel.fields import moment_text
from tests.conftest import NOW
from tests.conversation import Conversation

WINDOWS = "/v1/maintenance-windows"
START = NOW + timedelta(hours=1)
END = NOW + timedelta(hours=3)
MESSAGE = "Network upgrade: availability is delayed."


def a_window(start: datetime | None = START, end: datetime = END, **changes: Any) -> dict[str, Any]:
    """A window of two hours for network 1 that delays statuses, beginning in an hour."""
    usual = {"scope": {"network_id": 1}, "message": MESSAGE, "effects": ["status_delayed"]}
    return {**usual, "start": start and moment_text(start), "end": moment_text(end), **changes}


def announce(api: Conversation, start: datetime | None = START, end: datetime = END, **changes: Any) -> str:
    """Announces it as the operator; answers its id."""
    answer = api.as_operator().post(WINDOWS, a_window(start, end, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json["maintenance_id"])


def cancel(api: Conversation, maintenance_id: str) -> Any:
    return api.as_operator().request("DELETE", f"{WINDOWS}/{maintenance_id}")


def listed(api: Conversation, **query: Any) -> list[str]:
    """Ids of the windows in a list."""
    answer = api.get(WINDOWS, **query)
    assert answer.status_code == 200, answer.text
    return [one["maintenance_id"] for one in answer.json["data"]]
