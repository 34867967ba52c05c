"""What the search knows of each station and port, and how rows of the catalogue become columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from finder.columns import Codes, Columns, Rows, Texts, spans, turned
from finder.domain.opening_hours import OpeningHours
from finder.domain.station import Access, Visibility
from finder.domain.tariff import Tariff
from finder.indexed import StationRecord, folded, in_words
from finder.port_columns import PortColumns
from finder.records import hours_of, tariff_of

NAME_END = "\n"  # around each of the names that a station can be found by
ACCESSES = {access.value: number for number, access in enumerate(Access, 1)}
VISIBILITIES = {visibility.value: number for number, visibility in enumerate(Visibility)}

BAND_DEGREES = 0.05
_BAND_STEP = 1000.0  # above 360, so that the bands' longitudes do not run into each other
_ID_HASHES = 2**31


class Entry(NamedTuple):
    """A station as an answer needs it; `version` tells its states apart."""

    pk: int
    row: int
    version: int
    station_id: str
    lat: float
    lon: float
    network_id: int
    port_ids: tuple[int, ...]
    port_numbers: tuple[int, ...]
    reservable_port_ids: tuple[int, ...]  # none where the station cannot be reserved
    time_zone: str
    organization: str  # its id, folded; empty where there is none
    visibility: Visibility
    opening_hours: OpeningHours | None
    tariff: Tariff | None
    draws: tuple[tuple[float | None, float | None], ...]  # kW and A of each port


_CODED = ("city", "state", "postal_code", "country", "organization", "organization_name", "manufacturer", "model")
_ADDRESS = ("line1", "city", "state", "postal_code", "country")
_STATION = {
    "pk": "i4",
    "seq": "i4",
    "key": "f8",
    "id_hash": "i4",
    "serial_hash": "i1",
    "network_id": "i1",
    "lat": "f8",
    "lon": "f8",
    "access": "u1",
    "visibility": "u1",
    "reservable": "?",
    "time_zone": "i1",
    "opening_hours": "i1",
    "opening": "i1",
    "tariff": "i1",
    "first_port": "i4",
    "ports": "i2",
    **dict.fromkeys(_CODED, "i1"),
}


@dataclass(slots=True, eq=False)
class StationColumns:
    """Rows are only ever added; a station that changes gets a new row. One thread adds, any number reads."""

    stations: Columns = field(default_factory=lambda: Columns(_STATION))
    ports: PortColumns = field(default_factory=PortColumns)
    ids: Texts = field(default_factory=Texts)
    names: Texts = field(default_factory=Texts)
    streets: Texts = field(default_factory=Texts)
    words: dict[str, Codes[str]] = field(default_factory=lambda: {name: Codes() for name in (*_CODED, "time_zone")})
    hours: Codes[str | None] = field(default_factory=Codes)
    openings: Codes[tuple[int, int]] = field(default_factory=Codes)  # codes of opening hours and of a time zone
    tariffs: Codes[str | None] = field(default_factory=Codes)
    entries: dict[int, Entry] = field(default_factory=dict)  # by row, made when first shown
    named: dict[str, int] = field(default_factory=dict)  # rows by ids that were asked for

    def add(self, seq: int, stations: Sequence[Sequence[Any]], ports: Sequence[Sequence[Any]]) -> None:
        """Add stations as they are at this entry of the change log, with their ports in the order of stations.

        Rows have the fields of `StationRecord` and `PortRecord`.
        """
        if not stations:
            return
        column = turned(StationRecord._fields, stations)
        counted = Counter(port[0] for port in ports)
        count = np.array([counted[pk] for pk in column["pk"]])
        codes = self._codes(column)
        tariffs, zones = (np.repeat(codes[name], count).tolist() for name in ("tariff", "time_zone"))
        self.ports.append(ports, tariffs, zones)  # first the ports: a station points at its own
        self.stations.append(
            codes
            | {name: column[name] for name in ("pk", "network_id", "lat", "lon", "reservable")}
            | {"seq": np.full(len(stations), seq), "key": band_key(column["lat"], column["lon"]), "ports": count}
            | {"id_hash": list(map(id_hash, column["station_id"]))}
            | {"serial_hash": [hash(folded(serial)) for serial in column["serial_number"]]}
            | {"access": list(map(ACCESSES.__getitem__, column["access"]))}
            | {"visibility": list(map(VISIBILITIES.__getitem__, column["visibility"]))}
            | {"first_port": self.ports.count - len(ports) + np.cumsum(count) - count}
        )
        self.ids.append(column["station_id"])
        self.names.append(map(_names, column["organization_name"], column["name"]))
        self.streets.append(map(_street, *(column[name] for name in _ADDRESS)))

    def _codes(self, column: dict[str, Sequence[Any]]) -> dict[str, Sequence[int]]:
        texts = {**column, "organization": column["organization_id"]}
        codes: dict[str, Sequence[int]] = {name: self.words[name].of(_all_folded(texts[name])) for name in _CODED}
        codes["time_zone"] = self.words["time_zone"].of(column["time_zone"])
        codes["opening_hours"] = self.hours.of(column["opening_hours"])
        codes["opening"] = self.openings.of(zip(codes["opening_hours"], codes["time_zone"], strict=True))
        codes["tariff"] = self.tariffs.of(column["tariff"])
        return codes

    def opening_hours(self, code: int) -> OpeningHours | None:
        """The opening hours behind a code."""
        text = self.hours.values[code]
        return hours_of(text.encode()) if text else None

    def tariff(self, code: int) -> Tariff | None:
        """The tariff behind a code; the same object for the same text."""
        text = self.tariffs.values[code]
        return tariff_of(text.encode()) if text else None

    def picked(self, rows: Rows) -> "StationColumns":
        """These stations, in this order, as columns of their own; codes stay what they are."""
        made = replace(self, entries={}, named={})
        made.keep(rows)
        return made

    def keep(self, rows: Rows) -> None:
        """These stations alone, in this order; only where nobody reads yet. Takes the room of one part at a time."""
        self.stations = self.stations.picked(rows)
        counts = self.stations["ports"].astype(np.int64)
        self.ports = self.ports.picked(spans(self.stations["first_port"], counts))
        self.stations["first_port"][:] = np.cumsum(counts) - counts
        for name in ("ids", "names", "streets"):
            setattr(self, name, getattr(self, name).picked(rows))


def id_hash(station_id: str) -> int:
    """Four bytes that tell most ids apart."""
    return hash(station_id) % _ID_HASHES


def band_key(lat: Any, lon: Any) -> Any:
    """Orders places by bands of latitude and inside a band by longitude."""
    return np.floor((np.asarray(lat) + 90.0) / BAND_DEGREES) * _BAND_STEP + (np.asarray(lon) + 180.0)


def _all_folded(texts: Sequence[str | None]) -> list[str]:
    """Each text without case and accents; there are few different ones."""
    known = {text: folded(text) for text in set(texts)}
    return list(map(known.__getitem__, texts))


def _names(organization_name: str | None, name: str) -> str:
    """What the name filter is held against, each once: the organization, the station, a display name's two lines."""
    owner = (organization_name,) if organization_name else ()
    lines = name.split(" / ", 1) if " / " in name else ()
    names = dict.fromkeys(folded(one).replace(NAME_END, " ") for one in (*owner, name, *lines))
    return NAME_END + NAME_END.join(names) + NAME_END


def _street(*parts: str | None) -> str:
    """What the address filter is held against, the country last; its end keeps two stations' texts apart."""
    return in_words(" ".join(part for part in parts if part)) + NAME_END
