"""Routes of the finder: networks, stations, statuses and estimates."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import Response, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from accounts.domain.plans import Family
from accounts.guards import client_may
from finder.answers import Shape, shape_of
from finder.catalogue import StationCatalogue
from finder.charge_schemas import EstimateQuerySchema
from finder.domain.tariff_words import LANGUAGES
from finder.domain.usage import InvalidUsage, Question
from finder.estimates import Estimates, PortEstimate
from finder.price_schemas import EstimateListSchema
from finder.query_schemas import SearchQuerySchema, StatusQuerySchema
from finder.question import Question as StationQuestion
from finder.schemas import (
    NetworkListSchema,
    StationListSchema,
    StationSchema,
    StationStatusSchema,
    StatusListSchema,
)
from finder.search import StationSearch
from finder.shape_schemas import StationQuerySchema
from finder.thresholds import NetworkThresholds
from finder.viewers import viewer
from kernel.api import NEXT_PAGE, Resource
from kernel.caching import FOR_AN_HOUR, FOR_SECONDS
from kernel.errors import InvalidRequest
from kernel.paging import envelope, next_link
from kernel.services import service

finder = Resource("finder", __name__, description="Find a station, see if it is free, know the price")

JSON = "application/json"


@finder.route("/v1/networks", methods=["GET"])
@client_may(Family.COMMON)
@finder.response(200, NetworkListSchema)
def list_networks() -> tuple[dict[str, Any], dict[str, str]]:
    """The charging networks

    Guide 5.1 getCPNInstances. With the ages at which the status of a silent port counts as stale and as unreachable.
    """
    thresholds = service(NetworkThresholds)
    networks = [asdict(one) | asdict(thresholds.of(one.network_id)) for one in service(StationCatalogue).networks()]
    return envelope(networks, None, len(networks)), {"Cache-Control": FOR_AN_HOUR}


@finder.route("/v1/stations", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@finder.query(SearchQuerySchema)
@finder.response(200, StationListSchema, headers=NEXT_PAGE)
def find_stations(asked: dict[str, Any]) -> Response:
    """Find stations

    Guide 6.1 getPublicStations: near a point, in a box or by text, filtered; nearest first where a point is given.
    """
    shape = _shape(asked)
    with faults_of_the_query():
        page = service(StationSearch).find(seen(asked), shape, limit=asked["limit"], cursor=asked["cursor"])
    keep = FOR_SECONDS if "status" in shape.include or asked["question"].is_of_the_moment else FOR_AN_HOUR
    return answer(page.body, keep, with_cache=page.with_cache, next_cursor=page.next_cursor)


@finder.route("/v1/stations/<station_id>", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@finder.query(StationQuerySchema)
@finder.response(200, StationSchema)
def get_station(asked: dict[str, Any], station_id: str) -> Response:
    """One station, whole"""
    shape = _shape(asked)
    body, with_cache = service(StationSearch).station(station_id, shape, viewer())
    return answer(body, FOR_SECONDS if "status" in shape.include else FOR_AN_HOUR, with_cache=with_cache)


@finder.route("/v1/status", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@finder.query(StatusQuerySchema)
@finder.response(200, StatusListSchema, headers=NEXT_PAGE)
def list_statuses(asked: dict[str, Any]) -> Response:
    """Live statuses of many stations

    Guide 6.2 getPublicStationStatus: up to 200 stations by id, or the same places and filters as the search.
    """
    search, question = service(StationSearch), seen(asked)
    if question.station_ids:
        page = search.status_of(question.station_ids, viewer())
    else:
        page = search.status_in(question, limit=asked["limit"], cursor=asked["cursor"])
    return answer(page.body, FOR_SECONDS, with_cache=page.with_cache, next_cursor=page.next_cursor)


@finder.route("/v1/stations/<station_id>/status", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@finder.response(200, StationStatusSchema)
def get_station_status(station_id: str) -> Response:
    """Live status of one station's ports"""
    status, with_cache = service(StationSearch).status_at(station_id, viewer())
    return answer(status, FOR_SECONDS, with_cache=with_cache)


@finder.route("/v1/stations/<station_id>/estimate", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@finder.query(EstimateQuerySchema)
@finder.response(200, EstimateListSchema)
def estimate_at_station(asked: dict[str, Any], station_id: str) -> dict[str, Any]:
    """What a charge would cost, port by port

    Guide 6.1.2 Pricing. What is left out is assumed, and the assumption is said.
    """
    with faults_of_the_query():
        found = service(Estimates).of_station(station_id, _question(asked), port_number=asked["port"], viewer=viewer())
    return envelope([_estimate(priced) for priced in found], None, len(found))


@contextmanager
def faults_of_the_query() -> Iterator[None]:
    """A charge that cannot be is a fault of the query here, and not of a body."""
    try:
        yield
    except InvalidUsage as refusal:
        raise InvalidRequest(refusal.detail, errors=refusal.errors) from refusal


def seen(asked: Mapping[str, Any]) -> StationQuestion:
    """The question about stations, put by who asks it."""
    question: StationQuestion = asked["question"]
    return replace(question, viewer=viewer())


def _shape(asked: Mapping[str, Any]) -> Shape:
    return shape_of(asked["include"], asked["members"], language())


def language() -> str:
    """The caller's language among those that prices are told in (Accept-Language)."""
    return _language_of(request.headers.get("Accept-Language"))


@lru_cache(maxsize=1_000)
def _language_of(accepted: str | None) -> str:
    tags = parse_accept_header(accepted, LanguageAccept).values()
    wanted = (tag.partition("-")[0].lower() for tag in tags)
    return next((primary for primary in wanted if primary in LANGUAGES), LANGUAGES[0])


def answer(body: bytes, keep: str, *, with_cache: bool, next_cursor: str | None = None) -> Response:
    """An answer about stations; `next_cursor` where the next page is to be had with the same query."""
    return Response(body, mimetype=JSON, headers=_marks(keep, with_cache=with_cache, next_cursor=next_cursor))


def _marks(keep: str = FOR_SECONDS, *, with_cache: bool, next_cursor: str | None = None) -> dict[str, str]:
    """Headers of an answer about stations: how long it holds, and what was missing when it was made."""
    marks = {"Cache-Control": keep, "Vary": "Accept-Language", "Content-Language": language()}
    if not with_cache:
        marks["Portside-Degraded"] = "status-cache"
    if next_cursor is not None:
        marks["Link"] = next_link(request.path, request.args.to_dict(flat=False), next_cursor)
    return marks


def _question(asked: Mapping[str, Any]) -> Question:
    numbers = ("duration_min", "energy_kwh", "vehicle_power_kw", "idle_min")
    exact = {name: None if asked[name] is None else Decimal(str(asked[name])) for name in numbers}
    return Question(start=asked["start"], **exact)


def _estimate(priced: PortEstimate) -> dict[str, Any]:
    return {"port_number": priced.port_number, **asdict(priced.estimate)}
