"""Service plans: which families of calls each one may use (guide 1.1)."""

from enum import StrEnum


class Plan(StrEnum):
    """What an organization has subscribed to."""

    TELEMATICS = "TELEMATICS"
    CORPORATE = "CORPORATE"
    COMMERCIAL = "COMMERCIAL"
    SERVICE_PROVIDER = "SERVICE_PROVIDER"


class Family(StrEnum):
    """The guide's families of calls."""

    COMMON = "COMMON"
    STATION_INFORMATION = "STATION_INFORMATION"
    STATION_RESERVATION = "STATION_RESERVATION"
    DEMAND_MANAGEMENT = "DEMAND_MANAGEMENT"
    USAGE_ANALYSIS = "USAGE_ANALYSIS"
    STATION_MANAGEMENT = "STATION_MANAGEMENT"
    NETWORK_MANAGEMENT = "NETWORK_MANAGEMENT"


_EVERY_PLAN = frozenset({Family.COMMON, Family.STATION_RESERVATION})
_OWNERS = _EVERY_PLAN | {Family.USAGE_ANALYSIS, Family.STATION_MANAGEMENT, Family.NETWORK_MANAGEMENT}
_FAMILIES = {
    Plan.TELEMATICS: _EVERY_PLAN | {Family.STATION_INFORMATION},
    Plan.CORPORATE: _OWNERS,
    Plan.COMMERCIAL: _OWNERS,
    Plan.SERVICE_PROVIDER: _OWNERS | {Family.DEMAND_MANAGEMENT},
}


def may_call(plan: Plan, family: Family) -> bool:
    """Whether the plan includes the family of calls."""
    return family in _FAMILIES[plan]
