"""Short words for conversations about stations and their statuses."""

from datetime import datetime
from typing import Any

from werkzeug.test import TestResponse

from kernel.fields import moment_text
from tests.conversation import Conversation

CAMPBELL = {"lat": 37.2615, "lon": -121.9577}
HQ14 = "1:41613"


def ids(answer: TestResponse) -> list[str]:
    """The station ids of an answer that went well, in its order."""
    assert answer.status_code == 200, answer.text
    return [station["station_id"] for station in answer.json["data"]]


def a_report(technical_status: str, at: datetime, *, port: int = 1, station_id: str = HQ14, **more: Any) -> Any:
    """One report of a port."""
    said = {"station_id": station_id, "port_number": port, "technical_status": technical_status}
    return {**said, "reported_at": moment_text(at), **more}


def report(api: Conversation, *reports: Any) -> list[str]:
    """What became of these reports, sent in one call by the operator."""
    answer = api.as_operator().post("/v1/status-reports", {"reports": list(reports)})
    assert answer.status_code == 200, answer.text
    return [row["outcome"] for row in answer.json["data"]]


def port_status(api: Conversation, port: int = 1, station_id: str = HQ14) -> Any:
    """What is told of one port now."""
    answer = api.get(f"/v1/stations/{station_id}/status")
    assert answer.status_code == 200, answer.text
    return next(told["status"] for told in answer.json["ports"] if told["port_number"] == port)
