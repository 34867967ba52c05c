"""Events of statuses: left in the outbox where what is told of a port becomes something else."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from finder.domain.station import Visibility
from finder.status_store import Held, Place
from kernel.bulk import Rows
from kernel.fields import moment_text
from kernel.outbox import events

TOPIC = "status_changed"


def changes(changed: Iterable[tuple[Place, Held]], now: datetime) -> Rows:
    """What is now told of these ports, as events. Where a port stands is in each: a stream filters by place.

    Everybody may hear them, so there are none about stations that are not for everyone.
    """
    seen = ((place, held) for place, held in changed if place.visibility == Visibility.EVERYONE)
    return events(topic=TOPIC, about=((place.station_id, _payload(place, held)) for place, held in seen), at=now)


def _payload(place: Place, held: Held) -> dict[str, Any]:
    return {
        "station_id": place.station_id,
        "port_number": place.port_number,
        "network_id": place.network_id,
        "lat": place.lat,
        "lon": place.lon,
        "status": held.told.status,
        "technical_status": held.report.technical_status,
        "as_of": moment_text(held.report.as_of),
        "freshness": held.told.freshness,
    }
