"""Answers assembled from bytes: what a station is, rendered before, and what its ports are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson

from finder.domain.availability import PortStatus, counts
from finder.domain.estimate import Estimate
from finder.domain.maintenance import Maintenance
from finder.rendered import RenderedPort, RenderedStation
from finder.station_columns import Entry
from kernel.fields import moment_text
from kernel.money import as_text

PARTS = ("status", "tariff", "opening_hours")
PART_OF = {
    "availability": "status",
    "maintenance": "status",
    "tariff": "tariff",
    "price_in_words": "tariff",
    "opening_hours": "opening_hours",
}
FIELDS = (
    *("station_id", "network_id", "name", "organization", "manufacturer", "model", "description", "phone", "address"),
    *("location", "time_zone", "access", "reservable", "currency", "price_text", "updated_at", "demo", "utc_offset"),
    *("distance_m", "ports", *PART_OF),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts of a station to answer, in which language; `only` names the members to tell, where not all."""

    include: Sequence[str] = PARTS
    language: str = "en"
    only: frozenset[str] | None = None

    @property
    def has_whole_ports(self) -> bool:
        """Whether ports are told, with their statuses."""
        return "status" in self.include and (self.only is None or "ports" in self.only)


WHOLE = Shape()


def shape_of(include: Sequence[str], only: Sequence[str] | None, language: str) -> Shape:
    """The shape with no more parts than the members need; an id goes with any member."""
    if only is None:
        return Shape(include, language)
    needed = {PART_OF[member] for member in only if member in PART_OF} | ({"status"} if "ports" in only else set())
    return Shape(tuple(part for part in include if part in needed), language, frozenset((*only, "station_id")))


def status_object(status: PortStatus) -> dict[str, object]:
    """A port's status as the API tells it."""
    return {
        "status": status.status.value,
        "technical_status": status.technical_status.value,
        "error_code": status.error_code,
        "reserved": status.reserved,
        "status_changed_at": status.status_changed_at and moment_text(status.status_changed_at),
        "as_of": status.as_of and moment_text(status.as_of),
        "age_s": status.age.age_s,
        "freshness": status.age.freshness.value,
        "stale_reason": status.age.stale_reason,
    }


def maintenance_objects(windows: Iterable[Maintenance]) -> list[dict[str, object]]:
    """The maintenance that is going on at a station as the API tells it there."""
    return [
        {
            "maintenance_id": one.maintenance_id,
            "start": moment_text(one.window.start),
            "end": moment_text(one.window.end),
            "message": one.message,
            "effects": sorted(one.effects),
        }
        for one in windows
    ]


def station_bytes(
    station: RenderedStation,
    live: bytes,
    shape: Shape,
    *,
    quarter: datetime,
    away_m: float | None = None,
    more: Sequence[bytes] = (),
) -> bytes:
    """A whole station as a JSON object, with its live members and `more` of them.

    `quarter` is that of the hour, as `quarter_of` says; `away_m` the distance from what was asked for.
    """
    hours, tariff = "opening_hours" in shape.include, "tariff" in shape.include
    fixed = station.fixed(shape.language, with_hours=hours, with_tariff=tariff)
    away = b"null" if away_m is None else repr(round(away_m, 1)).encode()
    moving = (_offset_member(station.time_zone, quarter), b'"distance_m":' + away)
    whole = b",".join((fixed, *more, *moving, live) if live else (fixed, *more, *moving)) + b"}"
    return whole if shape.only is None else _picked(whole, shape.only)


def live_members(
    station: RenderedStation,
    statuses: Mapping[int, PortStatus],
    shape: Shape = WHOLE,
    *,
    costs: Mapping[int, Estimate] | None = None,
    maintenance: Sequence[Maintenance] = (),
) -> bytes:
    """What changes at a station by the minute, and its ports; empty where none of it is asked for."""
    members = _status_members(station, statuses, maintenance) if "status" in shape.include else []
    if shape.only is None or "ports" in shape.only:
        ports = (_port_bytes(port, statuses, shape, costs) for port in station.ports)
        members.append(b'"ports":[' + b",".join(ports) + b"]")
    return b",".join(members)


def statuses_object(entry: Entry, told: Sequence[PortStatus], maintenance: Sequence[Maintenance]) -> bytes:
    """What the ports of a station are, `told` in their order, as a JSON object (guide 6.2)."""
    ports = zip(entry.port_numbers, told, strict=True)
    return orjson.dumps(
        {
            "station_id": entry.station_id,
            "availability": counts(told),
            "maintenance": maintenance_objects(maintenance),
            "ports": [{"port_number": number, "status": status_object(status)} for number, status in ports],
        }
    )


def _status_members(
    station: RenderedStation, statuses: Mapping[int, PortStatus], maintenance: Sequence[Maintenance]
) -> list[bytes]:
    told = [statuses[port.port_id] for port in station.ports if port.port_id in statuses]
    windows = orjson.dumps(maintenance_objects(maintenance)) if maintenance else b"[]"
    return [b'"availability":' + orjson.dumps(counts(told)), b'"maintenance":' + windows]


def _picked(whole: bytes, only: frozenset[str]) -> bytes:
    """These members of a station alone."""
    return orjson.dumps({name: value for name, value in orjson.loads(whole).items() if name in only})


def unchanging_bytes(station: RenderedStation) -> bytes:
    """A station as it is until it changes: no status, no distance, no offset from UTC, no words of a language."""
    members = (
        station.head,
        b'"opening_hours":' + station.opening_hours,
        b'"tariff":' + station.tariff,
        b'"ports":[' + b",".join(port.head + b"}" for port in station.ports) + b"]",
    )
    return b",".join(members) + b"}"


def _port_bytes(
    port: RenderedPort, statuses: Mapping[int, PortStatus], shape: Shape, costs: Mapping[int, Estimate] | None
) -> bytes:
    """A port; one that came to the station while the answer was made has no status and no cost yet."""
    members = [port.head]
    if "status" in shape.include and port.port_id in statuses:
        members.append(b'"status":' + orjson.dumps(status_object(statuses[port.port_id])))
    if costs is not None and port.port_id in costs:
        members.append(b'"estimated_cost":' + orjson.dumps(cost_object(costs[port.port_id])))
    return b",".join(members) + b"}"


def cost_object(cost: Estimate) -> dict[str, str | None]:
    """What a charge would cost, tax included; null with a reason where that is unknown."""
    amount = None if cost.total is None else as_text(cost.total)
    return {"amount": amount, "currency": cost.currency, "reason": cost.reason}


def list_bytes(rows: Sequence[bytes], next_cursor: str | None, total: int | None, **more: object) -> bytes:
    """The list envelope around rows that are bytes already, with `more` members."""
    tail = {"has_more": next_cursor is not None, "next_cursor": next_cursor, "total": total, **more}
    return b"".join((b'{"data":[', b",".join(rows), b"],", orjson.dumps(tail)[1:]))


def quarter_of(now: datetime) -> datetime:
    """The quarter of an hour that has begun: no offset changes inside of one."""
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


@lru_cache(maxsize=2048)
def _offset_member(zone: ZoneInfo, moment: datetime) -> bytes:
    """A zone's offset from UTC at this moment, `-08:00` (guide 2.3)."""
    text = moment.astimezone(zone).strftime("%z")
    return f'"utc_offset":"{text[:3]}:{text[3:5]}"'.encode()
