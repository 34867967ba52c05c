"""Status reports made through the API, as a station operator makes them."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode


def report(base_url: str, station_id: str, port_number: int, technical_status: str, at: datetime) -> None:
    """Reports a port's status with the demo operator's key."""
    told = {
        "station_id": station_id,
        "port_number": port_number,
        "technical_status": technical_status,
        "reported_at": at.isoformat().replace("+00:00", "Z"),
    }
    answer = _answer(base_url, "/v1/status-reports", key="demo-operator", body={"reports": [told]})
    assert answer["data"][0]["outcome"] == "accepted", answer


def a_port_never_heard_of(base_url: str) -> tuple[dict[str, Any], int]:
    """A station and a port's number without any report yet: the only ports that take an old one."""
    for station in _stations(base_url):
        for port in station["ports"]:
            if port["status"]["as_of"] is None:
                return station, port["port_number"]
    raise AssertionError("every port of the demo has reported: none would take an old report")


def _stations(base_url: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        query = {"bbox": "-180,-90,180,90", "limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = _answer(base_url, f"/v1/stations?{urlencode(query)}", key="demo")
        yield from page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _answer(base_url: str, path: str, *, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base_url.rstrip("/") + path, data=sent, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def announce_maintenance(base_url: str, station_id: str, message: str, *, hours: int) -> str:
    """Announces maintenance of one station that delays its statuses from now on; answers the window's id."""
    end = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {"scope": {"station_ids": [station_id]}, "end": end, "message": message, "effects": ["status_delayed"]}
    return str(_answer(base_url, "/v1/maintenance-windows", key="demo-operator", body=told)["maintenance_id"])


def cancel_maintenance(base_url: str, maintenance_id: str) -> None:
    """Cancels it; one that is cancelled already stays so."""
    url = f"{base_url.rstrip('/')}/v1/maintenance-windows/{maintenance_id}"
    request = urllib.request.Request(url, headers={"X-API-Key": "demo-operator"}, method="DELETE")
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=20).close()
