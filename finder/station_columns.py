"""What the search knows of each station and port, and how rows of the catalogue become columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import orjson

from finder.columns import Codes, Columns, Rows, Texts, spans
from finder.domain.connectors import STANDARDS
from finder.domain.opening_hours import OpeningHours
from finder.domain.station import Access, Level, Mode, Port, Visibility
from finder.domain.tariff import Tariff
from finder.indexed import PortRecord, StationRecord, folded, in_words
from finder.records import hours_of, tariff_of

NAME_END = "\n"  # around each of the names that a station can be found by
_CONNECTOR_BITS = {name: 1 << number for number, name in enumerate(STANDARDS)}
LEVELS = {level.value: number for number, level in enumerate(Level, 1)}
MODES = {mode.value: number for number, mode in enumerate(Mode, 1)}
ACCESSES = {access.value: number for number, access in enumerate(Access, 1)}
VISIBILITIES = {visibility.value: number for number, visibility in enumerate(Visibility)}

_LEVEL = dict(enumerate(Level, 1))
_MODE = dict(enumerate(Mode, 1))
BAND_DEGREES = 0.05
_BAND_STEP = 1000.0  # above 360, so that the bands' longitudes do not run into each other


class Alike(NamedTuple):
    """Ports that cost the same for the same charge: codes of their tariff and zone, and what they give."""

    tariff: int
    time_zone: int
    power_kw: float | None
    current_a: float | None


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
_STATION = {
    "pk": "i8",
    "seq": "i8",
    "key": "f8",
    "id_hash": "i8",
    "serial_hash": "i8",
    "network_id": "i4",
    "lat": "f8",
    "lon": "f8",
    "access": "u1",
    "visibility": "u1",
    "reservable": "?",
    "time_zone": "i4",
    "opening_hours": "i4",
    "opening": "i4",
    "tariff": "i4",
    "first_port": "i8",
    "ports": "i2",
    **dict.fromkeys(_CODED, "i4"),
}
_PORT = {
    "port_id": "i8",
    "port_number": "i2",
    "connectors": "u4",
    "level": "u1",
    "mode": "u1",
    "voltage_v": "f8",
    "current_a": "f8",
    "power_kw": "f8",
    "reservable": "?",
    "alike": "i4",
}


@dataclass(slots=True, eq=False)
class StationColumns:
    """Rows are only ever added; a station that changes gets a new row. One thread adds, any number reads."""

    stations: Columns = field(default_factory=lambda: Columns(_STATION))
    ports: Columns = field(default_factory=lambda: Columns(_PORT))
    ids: Texts = field(default_factory=Texts)
    names: Texts = field(default_factory=Texts)
    streets: Texts = field(default_factory=Texts)
    words: dict[str, Codes[str]] = field(default_factory=lambda: {name: Codes() for name in (*_CODED, "time_zone")})
    hours: Codes[str | None] = field(default_factory=Codes)
    openings: Codes[tuple[int, int]] = field(default_factory=Codes)  # codes of opening hours and of a time zone
    tariffs: Codes[str | None] = field(default_factory=Codes)
    alike: Codes[Alike] = field(default_factory=Codes)
    entries: dict[int, Entry] = field(default_factory=dict)  # by row, made when first shown

    def add(self, seq: int, stations: Sequence[StationRecord], ports: Sequence[PortRecord]) -> None:
        """Add stations as they are at this entry of the change log, with their ports in the order of stations."""
        if not stations:
            return
        counted: dict[int, int] = {}
        for port in ports:
            counted[port.station_pk] = counted.get(port.station_pk, 0) + 1
        count = np.array([counted.get(station.pk, 0) for station in stations])
        column = _by_name(StationRecord, stations)
        values = self._coded(column)
        owner = np.repeat(np.arange(len(stations)), count)
        self.ports.append(self._port_values(ports, values, owner))  # first the ports: a station points at its own
        lat, lon = np.array(column["lat"]), np.array(column["lon"])
        self.stations.append(
            values
            | {name: column[name] for name in ("pk", "network_id", "lat", "lon", "reservable")}
            | {"seq": np.full(len(stations), seq), "key": band_key(lat, lon), "ports": count}
            | {"id_hash": [hash(station_id) for station_id in column["station_id"]]}
            | {"serial_hash": [hash(folded(serial)) for serial in column["serial_number"]]}
            | {"access": [ACCESSES[access] for access in column["access"]]}
            | {"visibility": [VISIBILITIES[visibility] for visibility in column["visibility"]]}
            | {"first_port": self.ports.count - len(ports) + np.cumsum(count) - count}
        )
        self.ids.append(column["station_id"])
        self.names.append(map(_names, stations))
        self.streets.append(map(_street, stations))

    def _coded(self, column: dict[str, Sequence[Any]]) -> dict[str, Sequence[int]]:
        texts = {**column, "organization": column["organization_id"]}
        found: dict[str, Sequence[int]] = {
            name: [self.words[name].of(folded(text)) for text in texts[name]] for name in _CODED
        }
        found["time_zone"] = [self.words["time_zone"].of(zone) for zone in column["time_zone"]]
        found["opening_hours"] = [self.hours.of(text) for text in column["opening_hours"]]
        found["opening"] = list(map(self.openings.of, zip(found["opening_hours"], found["time_zone"], strict=True)))
        found["tariff"] = [self.tariffs.of(text) for text in column["tariff"]]
        return found

    def _port_values(
        self, ports: Sequence[PortRecord], station: dict[str, Sequence[int]], owner: Rows
    ) -> dict[str, Sequence[Any]]:
        column = _by_name(PortRecord, ports)
        tariffs, zones = ([station[name][row] for row in owner.tolist()] for name in ("tariff", "time_zone"))
        alike = map(Alike, tariffs, zones, column["power_kw"], column["current_a"])
        return {
            **{name: column[name] for name in ("port_id", "port_number", "reservable")},
            **{name: column[name] for name in ("voltage_v", "current_a", "power_kw")},
            "connectors": [connector_bits(text) for text in column["connectors"]],
            "level": [LEVELS.get(level or "", 0) for level in column["level"]],
            "mode": [MODES.get(mode or "", 0) for mode in column["mode"]],
            "alike": [self.alike.of(one) for one in alike],
        }

    def opening_hours(self, code: int) -> OpeningHours | None:
        """The opening hours behind a code."""
        text = self.hours.values[code]
        return hours_of(text.encode()) if text else None

    def tariff(self, code: int) -> Tariff | None:
        """The tariff behind a code; the same object for the same text."""
        text = self.tariffs.values[code]
        return tariff_of(text.encode()) if text else None

    def port(self, row: int) -> Port:
        """The port of a row."""
        held = {name: self.ports[name][row].item() for name in _PORT}
        return Port(
            port_number=held["port_number"],
            level=_LEVEL.get(held["level"]),
            mode=_MODE.get(held["mode"]),
            voltage_v=known(held["voltage_v"]),
            current_a=known(held["current_a"]),
            power_kw=known(held["power_kw"]),
            reservable=held["reservable"],
            connectors=tuple(name for name, bit in _CONNECTOR_BITS.items() if held["connectors"] & bit),
        )

    def picked(self, rows: Rows) -> "StationColumns":
        """These stations, in this order, as columns of their own; codes stay what they are."""
        stations = self.stations.picked(rows)
        counts = stations["ports"].astype(np.int64)
        ports = self.ports.picked(spans(stations["first_port"], counts))
        stations["first_port"][:] = np.cumsum(counts) - counts
        texts = {name: getattr(self, name).picked(rows) for name in ("ids", "names", "streets")}
        return replace(self, stations=stations, ports=ports, entries={}, **texts)


def known(value: float) -> float | None:
    """A number, or None where there was none."""
    return None if value != value else value


def _by_name(kind: Any, records: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Records turned on their side: each field's values."""
    return dict(zip(kind._fields, zip(*records, strict=True) if records else ((),) * len(kind._fields), strict=True))


def band_key(lat: Any, lon: Any) -> Any:
    """Orders places by bands of latitude and inside a band by longitude."""
    return np.floor((np.asarray(lat) + 90.0) / BAND_DEGREES) * _BAND_STEP + (np.asarray(lon) + 180.0)


def bits_of(names: Sequence[str]) -> int:
    """Connector standards as bits of one number."""
    return sum({_CONNECTOR_BITS[name] for name in names})


def _remembered(reading: Callable[[str], int]) -> Callable[[str], int]:
    known: dict[str, int] = {}

    def remembered(text: str) -> int:
        if text not in known:
            known[text] = reading(text)
        return known[text]

    return remembered


connector_bits = _remembered(lambda text: bits_of(orjson.loads(text)))  # there are few different lists


def _names(station: StationRecord) -> str:
    """What the name filter is held against: the organization, the station, and a display name's two lines."""
    owner = (station.organization_name,) if station.organization_name else ()
    lines = station.name.split(" / ", 1) if " / " in station.name else ()
    names = (folded(name).replace(NAME_END, " ") for name in (*owner, station.name, *lines))
    return NAME_END + NAME_END.join(names) + NAME_END


def _street(station: StationRecord) -> str:
    """What the address filter is held against, the country last; its end keeps two stations' texts apart."""
    parts = (station.line1, station.city, station.state, station.postal_code, station.country)
    return in_words(" ".join(part for part in parts if part)) + NAME_END
