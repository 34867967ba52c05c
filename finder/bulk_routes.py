"""Routes for many stations at once: snapshots of the whole catalogue, and what changed since."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson
from flask import Response, request

from accounts.domain.plans import Family
from accounts.guards import client_may
from finder.answers import unchanging_bytes
from finder.bulk_schemas import ChangesQuerySchema, StationChangeListSchema, StationCollectionSchema
from finder.changes import Change, StationChanges
from finder.export_forms import CSV, GEOJSON, Form
from finder.exports import Export, StationExports, generated_at
from finder.exports_ahead import SnapshotsAhead
from finder.rendered import rendered
from kernel.api import NEXT_PAGE, Resource
from kernel.caching import FOR_AN_HOUR, held_tag
from kernel.fields import moment_text
from kernel.paging import next_link
from kernel.services import service

bulk = Resource("bulk", __name__, description="All stations at once, and what changed since")

_CHUNK_BYTES = 65_536
_SNAPSHOT_HEADERS = {
    "Portside-Changes-Cursor": {
        "schema": {"type": "string"},
        "description": "Where GET /v1/changes goes on from this snapshot",
    },
    "Portside-Content-Hash": {"schema": {"type": "string"}, "description": "As in GET /v1/changes"},
    "Portside-Generated-At": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "The newest change in it; absent while there has been none",
    },
}


@bulk.route("/v1/snapshots/stations.csv", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@bulk.response(200, {"type": "string"}, content_type=CSV.media_type, headers=_SNAPSHOT_HEADERS)
def get_station_file() -> Response:
    """All stations as the guide's CSV file

    The columns of guide 6.3.3, with Level and Mode both, and as many sets of port columns as stations have ports (100
    at most; Num. Ports counts all). Prices are what is paid, and left out where these columns would say another price.
    RFC 4180 in UTF-8; a cell that a spreadsheet would run begins with an apostrophe. Configuration only: statuses are
    in GET /v1/status. Equal tags are equal files.
    """
    return _snapshot(CSV)


@bulk.route("/v1/snapshots/stations.geojson", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@bulk.response(200, StationCollectionSchema, content_type=GEOJSON.media_type, headers=_SNAPSHOT_HEADERS)
def get_station_collection() -> Response:
    """All stations as GeoJSON

    RFC 7946: a station a Feature, all that is known of it but its status among its properties. Equal tags are equal
    files.
    """
    return _snapshot(GEOJSON)


@bulk.route("/v1/changes", methods=["GET"])
@client_may(Family.STATION_INFORMATION)
@bulk.query(ChangesQuerySchema)
@bulk.response(200, StationChangeListSchema, headers=NEXT_PAGE)
@bulk.doc(responses={410: {"$ref": "#/components/responses/GONE"}})
def list_changes(asked: dict[str, Any]) -> Response:
    """What changed since a cursor

    Of stations for everyone, as snapshots hold them; one that is hidden is told as gone.

    Take a snapshot and go on from its cursor; or ask without `since` first, which answers nothing but the cursor of
    now, then read the stations. Of each station the latest state is told once: keep it, or drop the station where
    `removed_at` says that it is gone. With a place and filters, a station that does not fit is told as gone too
    (`no_longer_matches`); a cursor is a position whatever the filters, so who changes them begins anew. Cursors of the
    last 30 days count; an older one is answered with 410 `cursor_too_old`: take the snapshot. Who holds all stations
    can prove it: the sum modulo 2^256 of the SHA-256 of `station_id version` over them is the snapshot's content hash.
    """
    page = service(StationChanges).since(asked["since"], asked["question"], limit=asked["limit"])
    rows = b",".join(map(_change, page.changes))
    tail = {"has_more": page.has_more, "next_cursor": page.next_cursor, "total": None}
    body = b'{"data":[' + rows + b"]," + orjson.dumps(tail)[1:]
    query = request.args.to_dict(flat=False)
    link = {"Link": next_link(request.path, query, page.next_cursor, name="since")} if page.has_more else {}
    return Response(body, mimetype="application/json", headers=link)


def _change(change: Change) -> bytes:
    listed = change.listed
    told: dict[str, Any] = {"station_id": listed.station.station_id, "version": listed.version}
    if change.gone is None:
        return orjson.dumps(told)[:-1] + b',"station":' + unchanging_bytes(rendered(listed)) + b"}"
    gone_at = change.gone_at and moment_text(change.gone_at)
    return orjson.dumps(told | {"removed_at": gone_at, "reason": change.gone.value})


def _snapshot(form: Form) -> Response:
    """The file, or 304 where the caller has it already, and then nothing is read."""
    service(SnapshotsAhead).note(form)
    exports = service(StationExports)
    held = held_tag(exports.etag(form))
    if held is not None:
        return Response(status=304, headers={"ETag": held, "Cache-Control": FOR_AN_HOUR})
    export = exports.opened(form)
    answer = Response(_chunks(export.file), mimetype=form.media_type)
    answer.call_on_close(export.file.close)
    answer.set_etag(export.etag)
    answer.content_length = export.length
    answer.headers.update(_said_of(export, form))
    return answer


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The file's content; closed when it is read, and for a caller who asks for no more than the headers at once."""
    if request.method == "HEAD":
        file.close()
        return iter(())
    return _read(file)


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _said_of(export: Export, form: Form) -> dict[str, str]:
    head = export.head
    said = {
        "Cache-Control": FOR_AN_HOUR,
        "Portside-Changes-Cursor": head.changes_cursor,
        "Portside-Content-Hash": head.content_hash,
    }
    moment = generated_at(head)
    if moment is None:
        return said
    name = f"stations{moment:%Y%m%d%H%M}.{form.suffix}"
    return said | {
        "Portside-Generated-At": moment_text(moment),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
