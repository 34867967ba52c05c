"""The forms of a snapshot: the guide's CSV file, and GeoJSON; each written batch by batch, in constant memory."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

import orjson

from finder.answers import unchanging_bytes
from finder.domain.csv_cells import defused
from finder.domain.guide_columns import cells, columns, ports_told
from finder.domain.versions import ContentHash
from finder.records import ListedStation
from finder.rendered import formatted_address, rendered

Batches = Iterable[Iterable[ListedStation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All that a snapshot is written from; `content` takes up each station as it goes by."""

    batches: Batches
    generated_at: str | None
    changes_cursor: str
    networks: Mapping[int, str]
    highest_port_number: int
    content: ContentHash

    def passing(self) -> Iterator[Iterator[ListedStation]]:
        """The batches, each to be read before the next, noted in the content hash."""
        return map(self._noted, self.batches)

    def _noted(self, batch: Iterable[ListedStation]) -> Iterator[ListedStation]:
        for listed in batch:
            self.content.add(listed.station.station_id, listed.version)
            yield listed


@dataclass(frozen=True, slots=True)
class Form:
    """A file format of snapshots; `shape` counts up when the bytes for the same stations become others."""

    suffix: str
    media_type: str
    shape: int
    write: Callable[[Whole], Iterator[bytes]]


def _csv(whole: Whole) -> Iterator[bytes]:
    """RFC 4180: CRLF, quotes where needed, UTF-8; the columns of the guide (6.3.3)."""
    ports = ports_told(whole.highest_port_number)
    yield _lines([columns(ports)])
    for batch in whole.passing():
        yield _lines(_row(listed, ports, whole.networks) for listed in batch)


def _row(listed: ListedStation, ports: int, networks: Mapping[int, str]) -> Iterator[str]:
    station = listed.station
    told = cells(
        station,
        ports=ports,
        network=networks.get(station.network_id, ""),
        formatted=formatted_address(station.address),
    )
    return map(defused, told)


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _geojson(whole: Whole) -> Iterator[bytes]:
    """RFC 7946: a FeatureCollection whose foreign members say what it is a snapshot of."""
    yield b'{"type":"FeatureCollection","features":['
    between = b"\n"
    for batch in whole.passing():
        yield between + b",\n".join(map(_feature, batch))
        between = b",\n"
    said = {
        "generated_at": whole.generated_at,
        "changes_cursor": whole.changes_cursor,
        "content_hash": whole.content.text,
        "total": whole.content.count,
    }
    yield b"\n]," + orjson.dumps(said)[1:] + b"\n"


def _feature(listed: ListedStation) -> bytes:
    station = listed.station
    place = orjson.dumps([station.lon, station.lat])
    station_id = orjson.dumps(station.station_id)
    geometry = b'{"type":"Feature","id":' + station_id + b',"geometry":{"type":"Point","coordinates":' + place
    version = b'},"version":' + str(listed.version).encode()
    return geometry + version + b',"properties":' + unchanging_bytes(rendered(listed)) + b"}"


CSV = Form("csv", "text/csv", 1, _csv)
GEOJSON = Form("geojson", "application/geo+json", 1, _geojson)
