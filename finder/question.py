"""A search question: where and which. Its candidates are found in the columns of a snapshot."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from finder.columns import Mask, Rows
from finder.corridor import Corridor, beside
from finder.domain.availability import ANYTHING, Wish
from finder.domain.geo import box_around
from finder.domain.ranking import LAST, Sort
from finder.domain.usage import Question as Charge
from finder.filters import Which, fitting, ports_of
from finder.great_circle import MILLIMETRES, distances_m
from finder.polygon import Polygon, rows_in
from finder.snapshot import Snapshot
from finder.station_columns import Entry
from kernel.box import Box
from kernel.errors import InvalidRequest
from kernel.paging import key_of
from kernel.window import Window

Metres = npt.NDArray[np.float64]
Rank = Callable[[Snapshot, Rows, Metres | None], npt.NDArray[np.float64]]


class FreePorts(Protocol):
    """Knows which ports can be reserved for a window; the finder asks, the reservations answer."""

    def free_among(self, stations: Sequence[Entry], window: Window) -> frozenset[int]:
        """Ids of the ports of these stations that can be reserved now for exactly this window.

        However many stations are asked about, what is taken is read once. Raises InvalidRequest for a past window.
        """

    def free_each(self, stations: Sequence[Entry], windows: Sequence[Window]) -> frozenset[int]:
        """The same for a window of its own at each station; in the past none is free."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A point and a radius in metres; stations on the edge belong to it."""

    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A radius in metres around a place that is told by words; the most granular says where (guide 6.1.2)."""

    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    radius_m: float = 0.0

    @property
    def words(self) -> dict[str, str]:
        """What is said of the place, the most granular first."""
        said = {name: getattr(self, name) for name in ("address", "postal_code", "city", "state", "country")}
        return {name: text for name, text in said.items() if text is not None}

    @property
    def granularity(self) -> str:
        """The name of the most granular word."""
        return next(iter(self.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Which):
    """Where, and which of those. Everywhere and everything where nothing is said.

    What is `around` a place becomes a circle before candidates are looked for.
    """

    circle: Circle | None = None
    around: Around | None = None
    box: Box | None = None
    polygons: tuple[Polygon, ...] = ()
    corridor: Corridor | None = None
    wish: Wish = ANYTHING
    free_in: Window | None = None
    charge: Charge | None = None
    sort: Sort = Sort.DISTANCE

    @property
    def place(self) -> Around | None:
        """The place whose words are asked of stations; None where there are none."""
        place = Around(
            address=self.address,
            postal_code=self.postal_code,
            city=self.city,
            state=self.state,
            country=self.country,
        )
        return place if place.words else None

    @property
    def is_of_the_moment(self) -> bool:
        """Whether the answer moves with time and statuses, and not only when a station changes."""
        return not self.wish.is_any or self.free_in is not None or self.charge is not None


class Candidate(NamedTuple):
    """A station that fits: its rank, and how far away it is in metres where a point or a route was asked for.

    `more` are members of its JSON object that only this question has.
    """

    rank: float
    entry: Entry
    away_m: float | None
    more: tuple[bytes, ...] = ()

    @property
    def key(self) -> tuple[float, int]:
        """Orders candidates, the same way at every call."""
        return (self.rank, self.entry.pk)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The stations that fit, without regard to their status: rows of the snapshot, not yet in order."""

    snapshot: Snapshot
    rows: Rows
    ranks: npt.NDArray[np.float64]
    away_m: Metres | None

    def __len__(self) -> int:
        return len(self.rows)

    def behind(self, cursor: str | None, question: object) -> "Candidates":
        """Those behind the cursor that a page of this question ended with. Raises InvalidCursor."""
        return self if cursor is None else self.after(key_of(cursor, question, (float, int)))

    def after(self, key: tuple[float, int]) -> "Candidates":
        """Those behind this one."""
        rank, pk = key
        pks = self.snapshot.columns.stations["pk"][self.rows]
        return self.only(np.flatnonzero((self.ranks > rank) | ((self.ranks == rank) & (pks > pk))))

    def only(self, places: Rows | Mask) -> "Candidates":
        """Some of them."""
        away_m = None if self.away_m is None else self.away_m[places]
        return Candidates(self.snapshot, self.rows[places], self.ranks[places], away_m)

    def first(self, number: int) -> list[Candidate]:
        """The first ones, in order; no more are put in order than that takes."""
        near = self
        if len(self) > 4 * number:
            last = np.partition(self.ranks, number - 1)[number - 1]
            near = self.only(np.flatnonzero(self.ranks <= last))
        pks = near.snapshot.columns.stations["pk"][near.rows]
        return near._candidates(np.lexsort((pks, near.ranks))[:number])

    def in_batches(self, size: int) -> Iterator[Sequence[Candidate]]:
        """All of them, in order, so many at a time."""
        everyone = self.first(len(self))
        return (everyone[start : start + size] for start in range(0, len(everyone), size))

    def _candidates(self, places: Rows) -> list[Candidate]:
        entries = map(self.snapshot.entry, self.rows[places].tolist())
        away_m = repeat(None) if self.away_m is None else self.away_m[places].tolist()
        return list(map(Candidate, self.ranks[places].tolist(), entries, away_m))


def nearest(_snapshot: Snapshot, rows: Rows, away_m: Metres | None) -> npt.NDArray[np.float64]:
    """Ranks by distance; all alike where no point was asked for."""
    return np.zeros(len(rows)) if away_m is None else away_m


def most_powerful(snapshot: Snapshot, rows: Rows, _away_m: Metres | None) -> npt.NDArray[np.float64]:
    """Ranks by the most powerful port, unknown power last."""
    owner, own = ports_of(snapshot, rows)
    powers = np.nan_to_num(snapshot.columns.ports["power_kw"][own], nan=-LAST)
    most = np.full(len(rows), -LAST)
    np.maximum.at(most, owner, powers)
    return -most


def candidates(question: Question, snapshot: Snapshot, rank: Rank = nearest) -> Candidates:
    """The stations that fit, without regard to their status; along a route in travel order, whatever the rank."""
    if question.corridor is not None:
        along = beside(question.corridor, snapshot)
        found = Candidates(snapshot, along.rows, along.along_m, along.away_m)
        fits = fitting(question, snapshot, found.rows)
        return found if fits is None else found.only(fits)
    rows, away_m = _located(question, snapshot)
    fits = fitting(question, snapshot, rows)
    rows, away_m = rows[fits], None if away_m is None else away_m[fits]
    return Candidates(snapshot, rows, rank(snapshot, rows, away_m), away_m)


def _located(question: Question, snapshot: Snapshot) -> tuple[Rows, Metres | None]:
    circle = question.circle
    if question.around is not None and circle is None:  # rather refused than answered as if it was everywhere
        raise InvalidRequest(errors=[{"pointer": "radius", "detail": "needs lat and lon here"}])
    if circle is not None:
        rows = snapshot.rows_inside(box_around(circle.lat, circle.lon, circle.radius_m))
        stations = snapshot.columns.stations
        away_m = distances_m(circle.lat, circle.lon, stations["lat"][rows], stations["lon"][rows])
        within = away_m <= round(circle.radius_m, MILLIMETRES)
        return rows[within], away_m[within]
    if question.polygons:
        return rows_in(question.polygons, snapshot), None
    if question.station_ids:
        found = (snapshot.row_named(station_id) for station_id in question.station_ids)
        return np.array(sorted({row for row in found if row is not None}), np.int64), None
    return (snapshot.rows() if question.box is None else snapshot.rows_inside(question.box)), None
