"""MaintenanceWindows: announced, cancelled and looked up; their beginning and end told once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from finder import maintenance_store as store
from finder.domain.maintenance import Effect, Maintenance, Scope, is_maintenance_id, new_maintenance_id, window_of
from finder.maintenance_store import Filter
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import InvalidBody, NotFound, Refusal
from kernel.fields import moment_text
from kernel.outbox import announce
from kernel.paging import InvalidCursor, cursor_after, key_of
from kernel.window import Window


class UnknownMaintenanceWindow(NotFound):
    """There is no maintenance window with this id, or it was cancelled."""

    code = "unknown_maintenance_window"


class MaintenanceIsOver(Refusal):
    """This maintenance window has ended; there is nothing left to cancel."""

    status = 409
    code = "maintenance_over"


class ScopeUnknown(InvalidBody):
    """The maintenance window concerns what is not in the catalogue."""

    code = "unknown_scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A window as somebody wants to announce it; without a start it begins now."""

    scope: Scope
    start: datetime | None
    end: datetime
    message: str
    effects: frozenset[Effect]


@dataclass(frozen=True, slots=True)
class Page:
    """Some windows, the moment at which they were looked at, and the cursor of those after them."""

    windows: tuple[Maintenance, ...]
    now: datetime
    next_cursor: str | None


class MaintenanceWindows:
    """Keeps the windows. `changed` is called after each commit that changed any."""

    def __init__(self, database: Database, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed

    def announce(self, wish: Wish, *, by: str) -> Maintenance:
        """Announce a window. Raises MaintenanceWindowNotPossible, ScopeUnknown."""
        with self._database.writing() as session:
            now = self._clock.in_transaction(session)
            window = window_of(wish.start, wish.end, now)
            _check_scope(session, wish.scope)
            return self._announced(session, wish, window, now, by)

    def begin(self, lasting: timedelta, message: str) -> Maintenance:
        """Begin the maintenance mode: a window for the whole installation, with every effect, that starts now."""
        with self._database.writing() as session:
            now = self._clock.in_transaction(session)
            wish = Wish(scope=Scope(), start=now, end=now + lasting, message=message, effects=frozenset(Effect))
            return self._announced(session, wish, Window(now, wish.end), now, "command")

    def _announced(self, session: Session, wish: Wish, window: Window, now: datetime, by: str) -> Maintenance:
        announced = Maintenance(
            maintenance_id=new_maintenance_id(),
            scope=wish.scope,
            window=window,
            message=wish.message,
            effects=wish.effects,
            announced_at=now,
        )
        store.add(session, announced, by=by)
        _tell(session, "maintenance_announced", [announced], now)
        self._database.when_committed(self._changed)
        return announced

    def cancel(self, maintenance_id: str) -> None:
        """Call a window off, before it begins or while it lasts; from then on there is none.

        Raises UnknownMaintenanceWindow, MaintenanceIsOver.
        """
        _check_id(maintenance_id)
        with self._database.writing() as session:
            now = self._clock.in_transaction(session)
            cancelled = store.cancel(session, maintenance_id, now)
            if cancelled is None:
                raise UnknownMaintenanceWindow if store.named(session, maintenance_id) is None else MaintenanceIsOver
            _tell(session, "maintenance_cancelled", [replace(cancelled, cancelled_at=now)], now)
            self._database.when_committed(self._changed)

    def end_installations(self) -> int:
        """End the maintenance mode; returns how many windows of it there were."""
        with self._database.writing() as session:
            now = self._clock.in_transaction(session)
            lasting = store.of_installation(session, now)
            self._database.when_committed(self._changed)
            return sum(store.end_now(session, one.maintenance_id, now) for one in lasting)

    def of_installation(self) -> tuple[Maintenance, ...]:
        """What the maintenance mode is on by."""
        with self._database.reading() as session:
            return store.of_installation(session, self._clock.in_transaction(session))

    def window(self, maintenance_id: str) -> tuple[Maintenance, datetime]:
        """A window, and the moment at which it was looked at. Raises UnknownMaintenanceWindow."""
        _check_id(maintenance_id)
        with self._database.reading() as session:
            found, now = store.named(session, maintenance_id), self._clock.now()
        if found is None:
            raise UnknownMaintenanceWindow
        return found, now

    def windows(self, wanted: Filter, *, limit: int, cursor: str | None) -> Page:
        """A page of the windows that were not cancelled, by start. Raises InvalidCursor."""
        after = None if cursor is None else _key(cursor, wanted)
        with self._database.reading() as session:
            now = self._clock.now()
            found = store.windows(session, wanted, now=now, after=after, limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        return Page(found[:limit], now, cursor_after(_place(last), _words(wanted)) if last else None)

    def tell(self) -> int:
        """Tell of the windows that have begun or ended since this was done last; returns of how many.

        Each is told of once, also by two workers, and never of one that was cancelled before.
        """
        with self._database.writing() as session:
            now = self._clock.in_transaction(session)
            started, ended = store.claim_started(session, now), store.claim_ended(session, now)
            _tell(session, "maintenance_started", started, now)
            _tell(session, "maintenance_ended", ended, now)
        return len(started) + len(ended)


def _check_id(maintenance_id: str) -> None:
    """What cannot be an id never reaches the database."""
    if not is_maintenance_id(maintenance_id):
        raise UnknownMaintenanceWindow


def _check_scope(session: Session, scope: Scope) -> None:
    if scope.network_id is not None and not store.is_network(session, scope.network_id):
        raise _unknown("/scope/network_id", "there is no such network")
    if scope.organization_id is not None and not store.owns_stations(session, scope.organization_id):
        raise _unknown("/scope/organization_id", "has no stations")
    known = store.stations_among(session, scope.station_ids)
    unknown = [number for number, station_id in enumerate(scope.station_ids) if station_id not in known]
    if unknown:
        faults = ((f"/scope/station_ids/{number}", "there is no such station") for number in unknown)
        raise ScopeUnknown(errors=[{"pointer": pointer, "detail": detail} for pointer, detail in faults])


def _unknown(pointer: str, detail: str) -> ScopeUnknown:
    return ScopeUnknown(errors=({"pointer": pointer, "detail": detail},))


def _tell(session: Session, topic: str, windows: Iterable[Maintenance], now: datetime) -> None:
    for one in windows:
        announce(session, topic=topic, subject=one.maintenance_id, payload=_payload(one), at=now)


def _payload(one: Maintenance) -> dict[str, Any]:
    return {
        "maintenance_id": one.maintenance_id,
        "scope": scope_told(one.scope),
        "start": moment_text(one.window.start),
        "end": moment_text(one.window.end),
        "message": one.message,
        "effects": sorted(one.effects),
    }


def scope_told(scope: Scope) -> dict[str, Any]:
    """A scope as the API tells it."""
    return {
        "everything": scope.is_everything,
        "network_id": scope.network_id,
        "organization_id": scope.organization_id,
        "station_ids": list(scope.station_ids),
    }


def _place(one: Maintenance) -> tuple[str, str]:
    return moment_text(one.window.start), one.maintenance_id


def _key(cursor: str, wanted: Filter) -> tuple[datetime, str]:
    start, maintenance_id = key_of(cursor, _words(wanted), (str, str))
    try:
        moment = datetime.fromisoformat(start)
    except ValueError as error:
        raise InvalidCursor from error
    if moment.tzinfo is None:
        raise InvalidCursor
    return moment, maintenance_id


def _words(wanted: Filter) -> tuple[object, ...]:
    """The question in an order that does not vary from process to process, as that of a set does."""
    return sorted(wanted.states), wanted.station_id, wanted.network_id, wanted.active_at
