"""Routes of a station's reservation policy, kept by its operator."""

from typing import Any

from flask import Response

from accounts.guards import operator_only
from kernel.api import Resource
from kernel.idempotency import idempotent
from kernel.services import service
from reservations.policies import StationPolicies, StationPolicy
from reservations.policy_schemas import OwnPolicySchema, StationPolicySchema

policies = Resource("policies", __name__, description="Say how a station can be reserved")

_EXAMPLE = {"hold_min": 10, "shortest_min": 30, "longest_min": 240, "step_min": 30, "cancellation_interval_min": 60}


@policies.route("/v1/stations/<station_id>/reservation-policy", methods=["GET"])
@operator_only
@policies.response(200, StationPolicySchema)
def get_reservation_policy(station_id: str) -> StationPolicy:
    """How a station can be reserved"""
    return service(StationPolicies).of(station_id)


@policies.route("/v1/stations/<station_id>/reservation-policy", methods=["PUT"])
@operator_only
@idempotent
@policies.body(OwnPolicySchema, example=_EXAMPLE)
@policies.response(200, StationPolicySchema)
def put_reservation_policy(body: dict[str, Any], station_id: str) -> StationPolicy:
    """Say how a station can be reserved

    In place of all that was said before; what is left out or null is as everywhere. Quotes, holds and reservations
    that are there keep the policy they were promised: it stands in each of them as `policy`.
    """
    return service(StationPolicies).keep(station_id, body)


@policies.route("/v1/stations/<station_id>/reservation-policy", methods=["DELETE"])
@operator_only
@idempotent
@policies.response(204)
def delete_reservation_policy(station_id: str) -> Response:
    """Let a station be reserved as everywhere"""
    service(StationPolicies).clear(station_id)
    return Response(status=204)
