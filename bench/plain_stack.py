"""The plain stack: the same answer as one would build it from ORM rows, marshmallow and an MGET of the statuses.

`python -m bench.plain_stack PORT DATABASE_URL REDIS_URL`. It has no keys, limits, metrics or paging, which is to its
advantage; the SQL is the fastest that was found without PostGIS: nearest first straight from a GiST index.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from flask import Flask, Response, request
from marshmallow import Schema, fields, validate
from redis import Redis
from sqlalchemy import JSON, Engine, ForeignKey, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
from sqlalchemy.types import Boolean, UserDefinedType

from bench.made_up import as_report
from bench.processes import serve_app
from finder.answers import status_object
from finder.domain.availability import PortStatus, counts, port_status
from finder.domain.freshness import Thresholds
from finder.domain.geo import HALF_AROUND_M, METRES, distance_m
from finder.said import Said
from finder.schemas import StationListSchema
from finder.where_schemas import DEFAULT_RADIUS

_ON_EARTH = "CREATE INDEX bench_stations_on_earth ON stations USING gist (ll_to_earth(lat, lon))"
_THRESHOLDS = Thresholds()
_AT_ONCE = 5_000


class Base(DeclarativeBase):
    """Tables as the plain stack maps them; they are the product's own."""


class Cube(UserDefinedType[str]):
    """PostgreSQL's `cube`, a point on the earth."""

    cache_ok = True


class Port(Base):
    """A port; `told` is set from the cache before it is shown."""

    __tablename__ = "ports"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_pk: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    port_number: Mapped[int]
    level: Mapped[str | None]
    mode: Mapped[str | None]
    voltage_v: Mapped[float | None]
    current_a: Mapped[float | None]
    power_kw: Mapped[float | None]
    reservable: Mapped[bool]
    standards: Mapped[list[str]] = mapped_column("connectors", JSON)
    told: PortStatus

    __allow_unmapped__ = True

    @property
    def connectors(self) -> list[dict[str, str]]:
        return [{"standard": name} for name in self.standards]

    @property
    def status(self) -> dict[str, object]:
        return status_object(self.told)


class Station(Base):
    """A station; `distance_m` is set before it is shown."""

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[str]
    network_id: Mapped[int]
    organization_id: Mapped[str | None]
    organization_name: Mapped[str | None]
    name: Mapped[str]
    manufacturer: Mapped[str | None]
    model: Mapped[str | None]
    description: Mapped[str | None]
    phone: Mapped[str | None]
    line1: Mapped[str | None]
    line2: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    lat: Mapped[float]
    lon: Mapped[float]
    time_zone: Mapped[str]
    access: Mapped[str]
    opening_hours: Mapped[Any] = mapped_column(JSON)
    reservable: Mapped[bool]
    currency: Mapped[str | None]
    tariff: Mapped[Any] = mapped_column(JSON)
    price_text: Mapped[str | None]
    demo: Mapped[bool]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    ports: Mapped[list[Port]] = relationship(order_by=Port.port_number)
    distance_m: float | None = None

    __allow_unmapped__ = True

    @property
    def organization(self) -> dict[str, str | None]:
        return {"organization_id": self.organization_id, "name": self.organization_name}

    @property
    def address(self) -> "Station":
        return self

    @property
    def location(self) -> "Station":
        return self

    @property
    def formatted(self) -> str:
        place = " ".join(part for part in (self.state, self.postal_code) if part)
        return ", ".join(part for part in (self.line1, self.line2, self.city, place, self.country) if part)

    @property
    def utc_offset(self) -> str:
        offset = datetime.now(ZoneInfo(self.time_zone)).strftime("%z")
        return f"{offset[:3]}:{offset[3:]}"

    @property
    def availability(self) -> dict[str, int]:
        return counts(port.told for port in self.ports)


class NearSchema(Schema):
    """What the plain stack lets be asked."""

    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    radius = fields.Float(load_default=DEFAULT_RADIUS, validate=validate.Range(0, HALF_AROUND_M))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


def prepare(engine: Engine, redis: Redis, reports: Iterable[tuple[int, Said]]) -> None:
    """The index that the search wants, and in the cache the last report of each port (its key beside it)."""
    with engine.begin() as connection:
        for statement in ("CREATE EXTENSION cube", "CREATE EXTENSION earthdistance", _ON_EARTH, "ANALYZE"):
            connection.execute(text(statement))
    for batch in _batches(list(reports)):
        redis.mset({_key(port_id): orjson.dumps(_as_json(said)) for port_id, said in batch})


def make_app(database_url: str, redis_url: str) -> Flask:
    """One route, written as the tutorials of its libraries would have it."""
    app = Flask(__name__, static_folder=None)
    engine = create_engine(database_url, pool_size=16, max_overflow=4)
    redis = Redis.from_url(redis_url)
    near, shown = NearSchema(), StationListSchema()

    @app.get("/v1/stations")
    def find_stations() -> Response:
        asked = near.load(request.args.to_dict())
        with Session(engine) as session:
            stations = _nearest(session, **asked)
            _tell_statuses(redis, [port for station in stations for port in station.ports])
            page = {"data": stations[: asked["limit"]], "has_more": len(stations) > asked["limit"]}
            body = shown.dump({**page, "next_cursor": None, "total": None})
        return Response(orjson.dumps(body), mimetype="application/json")

    return app


def _nearest(session: Session, *, lat: float, lon: float, radius: float, limit: int) -> Sequence[Station]:
    here, there = func.ll_to_earth(lat, lon, type_=Cube()), func.ll_to_earth(Station.lat, Station.lon, type_=Cube())
    radius_m = radius * METRES["mi"]
    query = (
        select(Station)
        .options(selectinload(Station.ports))
        .where(
            func.earth_box(here, radius_m, type_=Cube()).op("@>", return_type=Boolean())(there),
            Station.removed_at.is_(None),
        )
        .order_by(there.op("<->")(here))
        .limit(limit + 1)
    )
    stations = session.execute(query).scalars().all()
    for station in stations:
        station.distance_m = round(distance_m(lat, lon, station.lat, station.lon), 1)
    return stations


def _tell_statuses(redis: Redis, ports: Sequence[Port]) -> None:
    now = datetime.now(UTC)
    values: Any = redis.mget([_key(port.id) for port in ports]) if ports else []
    for port, value in zip(ports, values, strict=True):
        report = as_report(_from_json(orjson.loads(value))) if value else None
        port.told = port_status(report, reserved=False, now=now, thresholds=_THRESHOLDS)


def _as_json(said: Said) -> dict[str, Any]:
    return {name: getattr(said, name) for name in Said.__slots__}


def _from_json(values: dict[str, Any]) -> Said:
    said = Said(**values)
    return replace(said, reported_at=datetime.fromisoformat(values["reported_at"]))


def _key(port_id: int) -> str:
    return f"plain:port:{port_id}"


def _batches(reports: list[tuple[int, Said]]) -> Iterator[list[tuple[int, Said]]]:
    for start in range(0, len(reports), _AT_ONCE):
        yield reports[start : start + _AT_ONCE]


if __name__ == "__main__":
    serve_app(int(sys.argv[1]), lambda: make_app(sys.argv[2], sys.argv[3]))
