"""Events of statuses: left in the outbox where what is told of a port becomes something else."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from finder.status_store import Held, Place
from kernel.fields import moment_text
from kernel.outbox import announce_all

TOPIC = "status_changed"


def announce_changes(session: Session, changes: Iterable[tuple[Place, Held]], now: datetime) -> None:
    """Announce what is now told of these ports. Where a port stands is in the event: a stream filters by place."""
    about = ((place.station_id, _payload(place, held)) for place, held in changes)
    announce_all(session, topic=TOPIC, about=about, at=now)


def _payload(place: Place, held: Held) -> dict[str, Any]:
    return {
        "station_id": place.station_id,
        "port_number": place.port_number,
        "network_id": place.network_id,
        "lat": place.lat,
        "lon": place.lon,
        "status": held.told.status.value,
        "technical_status": held.report.technical_status.value,
        "as_of": moment_text(held.report.as_of),
        "freshness": held.told.freshness.value,
    }
