"""A hundred holds of one driver at one moment, some given up at once: never more are live than the limit."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Any

from sqlalchemy import text

from faults.sites import Answer, Racer, Site, a_wish, add_drivers, at_once
from kernel.database import Instant

ATTEMPTS = 100
LIMIT = 3


def attempt(site: Site, driver: Racer, number: int, ready: Any) -> Answer:
    """Hold one of many windows at a station of its own; two of three that get one give it up again at once."""
    wish = a_wish(driver, days=1 + number % 28) | {"station_id": "1:23"}
    answer = site.post("/v1/reservations", wish, token=driver.token, ready=ready)
    if answer.status == 201 and number % 3:
        assert site.post(f"/v1/reservations/{answer.json['handle']}/release", token=driver.token).status == 200
    return answer


def lives(site: Site) -> list[tuple[datetime, datetime]]:
    """From when to when each hold was live, by the database's clock."""
    query = text("SELECT created_at, CASE state WHEN 'HELD' THEN hold_expires_at ELSE updated_at END FROM reservations")
    with site.database.reading() as session:
        typed = query.columns(begun=Instant, ended=Instant)
        return [(begun, ended) for begun, ended in session.execute(typed)]


def most_at_once(spans: Sequence[tuple[datetime, datetime]]) -> int:
    """How many spans there were at the moment of the most; of those that touch one ends before the next begins."""
    moves = sorted([(end, -1) for _, end in spans] + [(begin, +1) for begin, _ in spans])
    return max(accumulate(step for _, step in moves), default=0)


def test_a_driver_never_has_more_live_holds_than_the_limit_at_any_moment(shipped: Site) -> None:
    [driver] = add_drivers(shipped.database, 1)

    answers = at_once([partial(attempt, shipped, driver, number) for number in range(ATTEMPTS)])
    codes = Counter(answer.code for answer in answers)

    assert set(codes) <= {None, "too_many_holds", "port_taken"}
    assert codes[None] >= LIMIT
    assert codes["too_many_holds"] > 0, "THE RUN IS VOID: the limit was never reached"
    assert most_at_once(lives(shipped)) <= LIMIT


def test_the_control_the_count_sees_one_too_many() -> None:
    moment = datetime.fromisoformat("2026-03-10T12:00:00+00:00")
    later = moment.replace(hour=13)

    assert most_at_once([(moment, later)] * 4) == 4
    assert most_at_once([(moment, later), (later, later.replace(hour=14))]) == 1
