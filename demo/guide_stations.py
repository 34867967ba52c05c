"""The example stations of the 4.1 guide, with the guide's values; where it shows only an id, the rest is made up."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from demo.equipment import AMERICAN_AC, AMERICAN_SOCKET, MANUFACTURER, numbered
from finder.domain.opening_hours import OpeningHours
from finder.domain.station import Access, Address, Organization, Port, Station, Visibility
from finder.domain.tariff import Limit, Tariff, simple

_TWO_AC = (AMERICAN_AC, AMERICAN_AC)
_SOCKET_AND_AC = (AMERICAN_SOCKET, AMERICAN_AC)
_CAMPBELL = Address(line1="1692 Dell Ave", city="Campbell", state="California", postal_code="95008", country="US")
_LEAVENWORTH = Address(
    line1="7375 Icicle Road", city="Leavenworth", state="Washington", postal_code="98826", country="US"
)
_CHARGEPOINT = Organization("1:12", "CHARGEPOINT")
_COULOMB = Organization("1:12345", "Coulomb")
_HI_TECH = Organization("1:12345678", "Hi Tech Corp Facilities Dept")
_SLEEPING_LADY = Organization("1:2500", "SLEEPING LADY")
_DEMO_CAMPBELL = Organization("1:5000", "DEMO CAMPBELL")
_HOURLY = replace(simple("USD", per_hour=Decimal("1.50")), min_price=Limit(Decimal("0.50")))
_RESORT = replace(simple("USD", per_hour=Decimal("1.00")), session_limit_min=24 * 60)
_MADE_UP = "Demo: the guide shows only this station's id, the rest is made up."


def guide_stations() -> Iterator[Station]:
    """The guide's stations by section: 6.1.5 and 6.2.5, 7.2.5 and 7.3.5, 8.2, 10.1.5, 10.2.5, 10.5.5."""
    yield _headquarters()
    yield _invented("1:39183", "HQ 15", 37.262204, -121.956871, _TWO_AC, reservable=True)
    yield _invented("1:81203", "HACIENDA AVE 03", 37.265870, -121.953402, _SOCKET_AND_AC, reservable=True)
    yield _resort()
    yield _invented("1:23", "WINCHESTER BLVD 23", 37.279114, -121.949806, _TWO_AC, reservable=True)
    yield _invented("1:34", "SUNNYOAKS AVE 34", 37.263948, -121.963517, _TWO_AC, reservable=False)
    yield _hi_tech()
    yield replace(_hi_tech("02"), station_id="1:658", lat=37.261297, lon=-121.957688, serial_number=None)
    yield _invented("1:234", "CIVIC CENTER 02", 37.287306, -121.943920, _SOCKET_AND_AC, reservable=False)
    yield _first()


def _headquarters() -> Station:
    return replace(
        _american("1:41613", "CHARGEPOINT / HQ14", _CHARGEPOINT, _TWO_AC, tariff=_HOURLY, reservable=True),
        model="CT2025-HD-GW1-CCR",
        description="Front parking lot along Dell Ave.",
    )


def _resort() -> Station:
    return replace(
        _american(
            "1:2547",
            "SLEEPING LADY / RESORT #1",
            _SLEEPING_LADY,
            _SOCKET_AND_AC,
            tariff=_RESORT,
            reservable=True,
        ),
        model="CT2100-HD-CDMA",
        address=_LEAVENWORTH,
        lat=47.551476,
        lon=-120.680382,
    )


def _hi_tech(number: str = "01") -> Station:
    return replace(
        _american(
            "1:657",
            f"HI TECH / PARKING {number}",
            _HI_TECH,
            _SOCKET_AND_AC,
            tariff=_HOURLY,
            reservable=False,
        ),
        model="CT2100-HD-CDMA-CCR",
        serial_number="012345678901",
        description="For Hi Tech Corp. employees only",
        access=Access.RESTRICTED,
        visibility=Visibility.OWNER,
        lat=37.261383,
        lon=-121.957703,
    )


def _first() -> Station:
    return replace(
        _invented("1:100", "", 37.285590, -121.944630, _TWO_AC, reservable=False),
        name="Coulomb / Station 1",
        organization=_COULOMB,
        manufacturer="Coulomb",
        serial_number="342343",
    )


def _invented(
    station_id: str, place: str, lat: float, lon: float, parts: tuple[Port, ...], *, reservable: bool
) -> Station:
    name = f"{_DEMO_CAMPBELL.name} / {place}"
    station = _american(station_id, name, _DEMO_CAMPBELL, parts, tariff=_HOURLY, reservable=reservable)
    return replace(
        station,
        lat=lat,
        lon=lon,
        manufacturer=MANUFACTURER,
        model="DE-L1L2-30" if parts is _SOCKET_AND_AC else "DE-L2-30-DUAL",
        description=_MADE_UP,
        phone="(408) 555-0114",
        address=replace(_CAMPBELL, line1=None),
    )


def _american(
    station_id: str,
    name: str,
    organization: Organization,
    parts: tuple[Port, ...],
    *,
    tariff: Tariff,
    reservable: bool,
) -> Station:
    return Station(
        station_id=station_id,
        network_id=1,
        name=name,
        lat=37.261513,
        lon=-121.957718,
        time_zone="America/Los_Angeles",
        organization=organization,
        manufacturer="Coulomb",
        phone="(888) 758-4389",
        address=_CAMPBELL,
        opening_hours=OpeningHours(twenty_four_seven=True),
        reservable=reservable,
        currency="USD",
        tariff=tariff,
        demo=True,
        ports=numbered(parts, reservable=reservable),
    )
