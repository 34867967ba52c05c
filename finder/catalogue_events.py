"""Events of the catalogue: left in the outbox by whatever changes stations."""

from datetime import datetime

from sqlalchemy.orm import Session

from finder.domain.station import Visibility
from finder.index_store import counts_since, places_since
from finder.tables import HIDDEN
from kernel.bulk import insert_rows
from kernel.outbox import events

ONE, MANY = "station_changed", "stations_changed"
GONE = "removed"
MOST_SINGLE = 100  # a transaction that changes more is an import, and told as one event


def announce_since(session: Session, seq: int, now: datetime) -> None:
    """Announce what the change log says after this entry: each station once, or only how many of each kind.

    Everybody may hear it, so of a station that is not for everyone it is told only that it is gone.
    """
    counts = _as_heard(counts_since(session, seq))
    if not counts:
        return
    if sum(counts.values()) > MOST_SINGLE:
        insert_rows(session, events(topic=MANY, about=[("stations", {"changes": counts})], at=now))
        return
    latest = {
        place.station_id: {
            "station_id": place.station_id,
            "network_id": place.network_id,
            "lat": place.lat,
            "lon": place.lon,
            "change": GONE if place.kind == HIDDEN else place.kind,
        }
        for place in places_since(session, seq)
        if place.visibility == Visibility.EVERYONE or place.kind == HIDDEN
    }
    insert_rows(session, events(topic=ONE, about=latest.items(), at=now))


def _as_heard(counts: dict[str, int]) -> dict[str, int]:
    hidden = counts.pop(HIDDEN, 0)
    return counts | {GONE: counts.get(GONE, 0) + hidden} if hidden else counts
