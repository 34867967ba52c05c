"""Places: where the place lies that a search is around, by the catalogue, else the gazetteer, else a geocoder."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from finder.columns import Rows
from finder.domain.namesakes import NamedPlace, meant
from finder.domain.visibility import Viewer
from finder.filters import Which, fitting
from finder.geocoding import Geocoding
from finder.great_circle import distances_m
from finder.offline_gazetteer import OfflineGazetteer
from finder.question import Around, Circle, Metres, Question
from finder.snapshot import Snapshot
from kernel.cache import Cache
from kernel.errors import InvalidRequest
from kernel.paging import cursor_after, key_of

APART_M = 100_000.0
_AS_WIDE_M = {"address": 5_000.0, "postal_code": 100_000.0, "city": 100_000.0, "state": 2_500_000.0}
_MOST_OF = 0.9  # the rest may stand elsewhere by mistake


class PlaceUnknown(InvalidRequest):
    """Nothing is known of this place. Search by lat and lon, or give the place in other words."""

    code = "place_unknown"


class PlaceAmbiguous(InvalidRequest):
    """There are several places of this name. Say more of it: the state, the country."""

    code = "place_ambiguous"


class PlaceElsewhere(InvalidRequest):
    """The place and lat/lon do not match: it is more than 100 km outside of the circle."""

    code = "place_elsewhere"
    response_code = "118"


class Geocoder(Protocol):
    """Knows where places are that neither the catalogue nor the gazetteer knows."""

    def point_of(self, around: Around) -> tuple[float, float] | None:
        """Latitude and longitude; None where it does not know either. Raises TemporarilyUnavailable."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question as it was asked, the same with the centre of what it is around, and the key it goes on after.

    The centre travels in the cursor: a station more in the place would move it in the middle of a crawl.
    """

    asked: Question
    question: Question
    after: tuple[float, int] | None

    def cursor(self, key: tuple[float, int]) -> str:
        """The cursor that goes on after this key."""
        circle = self.question.circle if self.asked.around else None
        return cursor_after((*key, circle.lat, circle.lon) if circle else key, self.asked)


class Places:
    """The catalogue first: it knows the places where stations are. Then the gazetteer, which costs nothing either."""

    def __init__(self, gazetteer: OfflineGazetteer, geocoder: Geocoder | None = None) -> None:
        self._gazetteer, self._geocoder = gazetteer, geocoder

    def placed(self, asked: Question, snapshot: Snapshot, cursor: str | None) -> Placed:
        """Raises InvalidCursor, PlaceUnknown, PlaceAmbiguous, TemporarilyUnavailable."""
        around = asked.around
        if around is None:
            return Placed(asked, asked, None if cursor is None else key_of(cursor, asked, (float, int)))
        if cursor is not None:
            rank, pk, lat, lon = key_of(cursor, asked, (float, int, float, float))
            return Placed(asked, replace(asked, circle=Circle(lat, lon, around.radius_m)), (rank, pk))
        lat, lon = self._centre(around, asked.viewer, snapshot)
        return Placed(asked, replace(asked, circle=Circle(lat, lon, around.radius_m)), None)

    def _centre(self, around: Around, viewer: Viewer, snapshot: Snapshot) -> tuple[float, float]:
        rows = _at(around, viewer, snapshot)
        centre = _middle(snapshot, rows, around.granularity)
        if centre is not None:
            return centre
        namesakes = self._gazetteer.named(around)
        place = meant(namesakes)
        if place is not None and _is_where(place, snapshot, rows, around.granularity):
            return place.lat, place.lon
        centre = None if self._geocoder is None else self._geocoder.point_of(around)
        if centre is None:
            refusal = PlaceAmbiguous if len(rows) or namesakes else PlaceUnknown
            raise refusal(errors=[{"pointer": around.granularity, "detail": refusal().detail}])
        return centre

    def check(self, question: Question, snapshot: Snapshot) -> None:
        """Of a point and words that have found nothing together. Raises PlaceElsewhere (guide 118)."""
        circle, place = question.circle, question.place
        if circle is None or place is None:
            return
        stations, rows = snapshot.columns.stations, _at(place, question.viewer, snapshot)
        away_m = distances_m(circle.lat, circle.lon, stations["lat"][rows], stations["lon"][rows])
        if len(rows) and away_m.min() > circle.radius_m + APART_M:
            raise PlaceElsewhere(errors=[{"pointer": place.granularity, "detail": "does not match lat and lon"}])


def _at(around: Around, viewer: Viewer, snapshot: Snapshot) -> Rows:
    """The stations at the place."""
    rows = snapshot.rows()
    which = Which(
        address=around.address,
        postal_code=around.postal_code,
        city=around.city,
        state=around.state,
        country=around.country,
        viewer=viewer,
    )
    return rows[fitting(which, snapshot, rows)]


def _middle(snapshot: Snapshot, rows: Rows, granularity: str) -> tuple[float, float] | None:
    """The middle of the stations at a place; None where there are none, or they are too far apart to be at one."""
    stations = snapshot.columns.stations
    lats, lons = stations["lat"][rows], stations["lon"][rows]
    phi, lam = np.radians(lats), np.radians(lons)
    x, y, z = (float(part.sum()) for part in (np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    if not len(rows) or np.hypot(np.hypot(x, y), z) < 1e-6 * len(rows):
        return None
    lat, lon = float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x)))
    return (lat, lon) if _is_one(distances_m(lat, lon, lats, lons), granularity) else None


def _is_where(place: NamedPlace, snapshot: Snapshot, rows: Rows, granularity: str) -> bool:
    """Whether some of the stations that are said to be at a place are at this one, or there are none."""
    stations = snapshot.columns.stations
    away_m = distances_m(place.lat, place.lon, stations["lat"][rows], stations["lon"][rows])
    return not len(rows) or bool(away_m.min() <= _AS_WIDE_M.get(granularity, np.inf))


def _is_one(away_m: Metres, granularity: str) -> bool:
    return bool(np.quantile(away_m, _MOST_OF) <= _AS_WIDE_M.get(granularity, np.inf))


def places_of(geocoder_url: str | None, cache: Cache) -> Places:
    """With the gazetteer that comes with the product, and the geocoder that is set up, if any."""
    return Places(OfflineGazetteer(), Geocoding(geocoder_url, cache) if geocoder_url else None)
