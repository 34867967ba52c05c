"""Routes of prices: a station's tariff kept by its operator, and the calculator."""

from typing import Any

from flask import Response, request

from accounts.domain.plans import Family
from accounts.guards import client_may, operator_only
from finder.catalogue import ChangedMeanwhile, StationCatalogue
from finder.domain.estimate import Estimate
from finder.domain.guide_pricing_json import guide_pricing_to_json, tariff_from_either
from finder.domain.guide_view import guide_from_tariff
from finder.domain.json_twice import given_twice
from finder.domain.ocpi_gaps import NotExpressible, not_in_ocpi
from finder.domain.ocpi_tariff import InvalidTariff
from finder.domain.tariff_words import tariff_in_words
from finder.estimates import Estimates
from finder.price_schemas import CalculatedSchema, CalculationSchema, StationTariffSchema, TariffBodySchema
from finder.records import ListedStation
from finder.rendered import tariff_object
from finder.routes import language
from finder.viewers import viewer
from kernel.api import Resource
from kernel.fields import moment_text
from kernel.idempotency import idempotent
from kernel.services import service
from kernel.versions import named_version

prices = Resource("prices", __name__, description="Keep a station's tariff, and reckon what a usage costs")

_HOURLY = {
    "type": "HOURLY",
    "currency": "USD",
    "parts": [{"unit_price_per_hour": "1.50", "min_price": "0.50", "max_price": "5.00"}],
}
_CALCULATION = {
    "tariff": {
        "currency": "EUR",
        "elements": [{"price_components": [{"type": "ENERGY", "price": "0.25", "vat": "10", "step_size": 1}]}],
    },
    "time_zone": "Europe/Berlin",
    "usage": {
        "periods": [
            {"start": "2026-03-10T12:00:00Z", "end": "2026-03-10T13:00:00Z", "kind": "CHARGING", "energy_kwh": "20"}
        ]
    },
}


@prices.route("/v1/stations/<station_id>/tariff", methods=["PUT"])
@operator_only
@idempotent
@prices.body(TariffBodySchema, example=_HOURLY)
@prices.response(200, StationTariffSchema)
def put_tariff(body: dict[str, Any], station_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Give a station a tariff

    An OCPI 2.2.1 Tariff object or the guide's pricing fields. Later imports leave it alone; quotes that were given
    keep their price. A free station has a tariff too: one that costs nothing. With `If-Match` and the station's
    `updated_at` in quotes (the `ETag` of the answer), nothing is changed where somebody else was quicker.
    """
    _refuse_two_values("")
    kept = service(StationCatalogue).set_tariff(
        station_id, tariff_from_either(body), held=named_version(ChangedMeanwhile)
    )
    return _kept(kept), {"ETag": f'"{moment_text(kept.updated_at)}"'}


@prices.route("/v1/stations/<station_id>/tariff", methods=["DELETE"])
@operator_only
@idempotent
@prices.response(204)
def delete_tariff(station_id: str) -> Response:
    """Make a station's price unknown

    `If-Match` as for PUT.
    """
    service(StationCatalogue).set_tariff(station_id, None, held=named_version(ChangedMeanwhile))
    return Response(status=204)


@prices.route("/v1/estimates", methods=["POST"])
@client_may(Family.STATION_INFORMATION)
@idempotent
@prices.body(CalculationSchema, example=_CALCULATION)
@prices.response(200, CalculatedSchema)
def calculate_price(asked: dict[str, Any]) -> Estimate:
    """Reckon what a usage costs, by any tariff or at a station's port"""
    estimates, usage = service(Estimates), asked["usage"]
    if "tariff" not in asked:
        return estimates.of_port(asked["station_id"], asked["port_number"], usage, viewer=viewer())
    _refuse_two_values("/tariff")
    tariff = tariff_from_either(asked["tariff"], pointer="/tariff")
    return estimates.of_usage(tariff, asked.get("time_zone", "UTC"), usage)


def _refuse_two_values(pointer: str) -> None:
    """A tariff with two currencies, or any property twice, has two meanings. Raises InvalidTariff."""
    twice = [found for found in given_twice(request.get_data()) if found.startswith(f"{pointer}/")]
    if twice:
        raise InvalidTariff(errors=[{"pointer": found, "detail": "is given twice"} for found in twice])


def _kept(listed: ListedStation) -> dict[str, Any]:
    station = listed.station
    view = guide_from_tariff(station.tariff) if station.tariff else None
    pricing = view.pricing if view else None
    return {
        "station_id": station.station_id,
        "tariff": tariff_object(station),
        "guide_pricing": guide_pricing_to_json(pricing) if pricing else None,
        "not_in_guide": _gaps(view.not_expressible) if view else [],
        "not_in_ocpi": _gaps(not_in_ocpi(station.tariff)) if station.tariff else [],
        "price_in_words": tariff_in_words(station.tariff, language(), station.price_text),
        "updated_at": listed.updated_at,
    }


def _gaps(gaps: tuple[NotExpressible, ...]) -> list[dict[str, str]]:
    return [{"pointer": gap.pointer, "reason": gap.reason} for gap in gaps]
