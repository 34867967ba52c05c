"""A holder of all stations, or of those in a place: takes a snapshot, applies changes, and says what it holds."""

from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from finder.answers import unchanging_bytes
from finder.changes import StationChanges
from finder.domain.versions import ContentHash
from finder.export_forms import GEOJSON
from finder.exports import StationExports
from finder.question import Question
from finder.rendered import rendered

Held = dict[str, tuple[int, Any]]


@dataclass(frozen=True, slots=True)
class Holder:
    """Station id → version and station, and the cursor that they are of."""

    cursor: str
    held: Held = field(default_factory=dict)

    def after(self, changes: StationChanges, question: Question | None = None, *, limit: int = 200) -> "Holder":
        """The same with all changes applied, page by page."""
        held, cursor, has_more = dict(self.held), self.cursor, True
        while has_more:
            page = changes.since(cursor, question or Question(), limit=limit)
            for change in page.changes:
                listed = change.listed
                held.pop(listed.station.station_id, None)
                if change.gone is None:
                    told = orjson.loads(unchanging_bytes(rendered(listed)))
                    held[listed.station.station_id] = (listed.version, told)
            cursor, has_more = page.next_cursor, page.has_more
        return replace(self, held=held, cursor=cursor)

    def content_hash(self) -> str:
        content = ContentHash()
        for station_id, (version, _) in self.held.items():
            content.add(station_id, version)
        return content.text


def snapshot(exports: StationExports) -> tuple[Holder, str]:
    """Who has just taken the snapshot, and the content hash that it names."""
    export = exports.opened(GEOJSON)
    with export.file as file:
        whole = orjson.loads(file.read())
    held = {feature["id"]: (feature["version"], feature["properties"]) for feature in whole["features"]}
    assert (whole["total"], whole["content_hash"]) == (len(held), export.head.content_hash)
    return Holder(whole["changes_cursor"], held), whole["content_hash"]
