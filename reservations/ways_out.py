"""Ways out of a conflict: all that could be reserved instead, reckoned from what was read at one moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finder.records import ListedPort, ListedStation
from kernel.window import Window
from reservations.domain.alternatives import Alternative, Kind, other_starts
from reservations.domain.closures import ClosuresOf
from reservations.domain.free_windows import Terms, bookable_windows
from reservations.domain.policy import Policy
from reservations.offers import fits_parts, free_parts, terms_of

TO_DECIDE = timedelta(minutes=5)  # another time is not so soon that it is past once the driver has read it
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A window wished for at a station, the stations nearby with their distances, and what was read of them all.

    `port_number` is None where any port would do. `span` is how far around the wished window was read. Where a
    reservation is changed but its start stays, nobody asks whether that is far enough ahead.
    """

    wished: Window
    port_number: int | None
    station: ListedStation
    nearby: Sequence[tuple[ListedStation, float]]
    now: datetime
    span: Window
    policies: Mapping[str, Policy]
    taken: Mapping[int, Sequence[Window]]
    out: frozenset[int]
    closed_at: ClosuresOf
    start_stays: bool = False


def ways_out(scene: Scene) -> Iterator[Alternative]:
    """Other times at the ports that would have done, other ports with the same plug, and one port of each neighbour."""
    wanted, plugs = _wanted(scene), _plugs(scene)
    yield from _other_times(scene, wanted)
    others = [port for port in _fitting(scene.station, plugs) if port not in wanted]
    yield from _same_time(scene, scene.station, others, Kind.OTHER_PORT, 0.0)
    for near, away_m in scene.nearby:
        free = _same_time(scene, near, _fitting(near, plugs), Kind.NEARBY_STATION, away_m)
        yield from (one for one, _ in zip(free, range(1), strict=False))


def _other_times(scene: Scene, ports: Sequence[ListedPort]) -> Iterator[Alternative]:
    """The nearest starts at these ports, each start once."""
    seen: set[datetime] = set()
    for port in ports:
        terms = _terms(scene, scene.station, port)
        later = replace(terms, first_start=max(terms.first_start, _minute_after(scene.now + TO_DECIDE)))
        for start in other_starts(_bookable(scene, scene.station, port, later), later, scene.wished):
            window = Window.lasting(start, scene.wished.duration)
            if start not in seen and _fits_parts(scene.station, window):
                seen.add(start)
                yield _alternative(Kind.OTHER_TIME, scene.station, port, window, 0.0)


def _fits_parts(at: ListedStation, window: Window) -> bool:
    return fits_parts(at.station.tariff, at.station.time_zone, window)


def _minute_after(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + _MINUTE


def _same_time(
    scene: Scene, at: ListedStation, ports: Sequence[ListedPort], kind: Kind, away_m: float
) -> Iterator[Alternative]:
    wished = scene.wished
    if not _fits_parts(at, wished):
        return
    start_stays = scene.start_stays and at is scene.station
    for port in ports:
        terms = _terms(scene, at, port, start_stays=start_stays)
        if terms.allow(wished) and any(
            one.start <= wished.start and wished.end <= one.end for one in _bookable(scene, at, port, terms)
        ):
            yield _alternative(kind, at, port, wished, away_m)


def _terms(scene: Scene, at: ListedStation, port: ListedPort, *, start_stays: bool = False) -> Terms:
    policy = scene.policies[at.station.station_id]
    policy = replace(policy, earliest_start_min=0) if start_stays else policy
    return terms_of(at.station, policy, scene.now, is_out=port.port_id in scene.out)


def _bookable(scene: Scene, at: ListedStation, port: ListedPort, terms: Terms) -> tuple[Window, ...]:
    if not terms.allow(Window.lasting(terms.first_start, scene.wished.duration)):
        return ()
    taken = [*scene.taken[port.port_id], *scene.closed_at(at.station.station_id)]
    return bookable_windows(free_parts(at.station, scene.span, taken), terms, scene.wished.duration)


def _reservable(listed: ListedStation) -> tuple[ListedPort, ...]:
    return tuple(one for one in listed.ports if listed.station.reservable and one.port.reservable)


def _wanted(scene: Scene) -> list[ListedPort]:
    """The ports that would have done, if they had been free."""
    return [one for one in _reservable(scene.station) if scene.port_number in (None, one.port.port_number)]


def _plugs(scene: Scene) -> frozenset[str]:
    """The connectors that the driver may have had in mind; none where nothing is known."""
    asked = (one.port for one in scene.station.ports if scene.port_number in (None, one.port.port_number))
    return frozenset(name for port in asked for name in port.connectors)


def _fitting(listed: ListedStation, plugs: frozenset[str]) -> list[ListedPort]:
    return [one for one in _reservable(listed) if not plugs or not plugs.isdisjoint(one.port.connectors)]


def _alternative(kind: Kind, at: ListedStation, port: ListedPort, window: Window, away_m: float) -> Alternative:
    number, away_m = port.port.port_number, round(away_m, 1)
    return Alternative(
        kind=kind, station_id=at.station.station_id, port_number=number, window=window, distance_m=away_m
    )
