"""Relocation: reservations whose port is out of order get one that is as good, or say that there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from finder.catalogue import StationCatalogue, UnknownPort, UnknownStation, port_numbered
from finder.domain.substitutes import substitutes
from finder.records import ListedPort
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Refusal
from reservations import attendance_store, store
from reservations import relocation_store as moves
from reservations.domain.history import Cause
from reservations.domain.policy import PortTaken
from reservations.domain.relocation import AHEAD, is_due
from reservations.domain.reservation import Reservation
from reservations.domain.trouble import OF_THE_PORT, Trouble
from reservations.events import changed_trouble, tell
from reservations.expiry import lapse_on_port
from reservations.taken import TakenPorts
from reservations.unusable_ports import UnusablePorts

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Relocation:
    """The worker's look at ports that are out of order; done twice it does nothing more.

    Each reservation is a transaction of its own: the two ports are locked by ascending id, then the reservation; then
    one guarded UPDATE. The promised price stays. `find_overlap` can be replaced, so that a test can show what happens
    without it.
    """

    database: Database
    clock: Clock
    catalogue: StationCatalogue
    taken: TakenPorts
    unusable: UnusablePorts
    lock_port: Callable[[Session, int], object] = field(default=store.lock_port, kw_only=True)
    find_overlap: Callable[..., bool] = field(default=store.find_overlap, kw_only=True)

    def sweep(self) -> int:
        """Relocate or flag who is to come to a port that is out of order, clear the others; returns how many moved."""
        with self.database.reading() as session:
            now = self.clock.in_transaction(session)
            awaiting = moves.ports_awaiting(session, now, now + AHEAD)
        unusable = self.unusable.among(awaiting)
        with self.database.reading() as session:
            concerned = moves.coming_to(session, unusable, now, now + AHEAD)
            flagged = [one for one in moves.troubled(session, now) if one.trouble and one.trouble.reason in OF_THE_PORT]
        still = self.unusable.among({one.port_id for one in flagged})
        cleared = sum(self._told(one, None) for one in flagged if one.port_id not in still)
        due = [(one, unusable[one.port_id]) for one in concerned if is_due(one, unusable[one.port_id], now)]
        return cleared + sum(self._helped(one, trouble) for one, trouble in due)

    def _helped(self, seen: Reservation, trouble: Trouble) -> bool:
        """Whether anything was done. What fails is told in the log and tried again next time; others come first."""
        try:
            for port in self._instead_of(seen):
                try:
                    return self._relocated(seen, port)
                except PortTaken:
                    continue
            return seen.trouble != trouble and self._told(seen, trouble)
        except Refusal as refusal:
            log.warning("not relocated", handle=seen.handle, code=refusal.code)
            return False

    def _instead_of(self, seen: Reservation) -> Sequence[ListedPort]:
        """The ports of the station that are as good and work, the least powerful first."""
        try:
            listed = self.catalogue.listed(seen.station_id)
            lost = port_numbered(listed, seen.port_number).port
        except (UnknownStation, UnknownPort):
            return ()
        if not listed.station.reservable:
            return ()
        fit = substitutes((one.port for one in listed.ports if one.port.reservable), lost)
        found = [port_numbered(listed, port.port_number) for port in fit]
        unusable = self.unusable.among([one.port_id for one in found])
        return [one for one in found if one.port_id not in unusable]

    def _relocated(self, seen: Reservation, port: ListedPort) -> bool:
        """Whether it was moved to this port; not where it was changed meanwhile. Raises PortTaken."""
        with self.database.writing() as session:
            for port_id in sorted({seen.port_id, port.port_id}):
                self.lock_port(session, port_id)
            now = self._time_for(session, seen)
            if now is None:
                return False
            lapse_on_port(session, port.port_id, now)
            if self.find_overlap(session, port.port_id, seen.window, now):
                raise PortTaken
            done = moves.relocate(session, seen, port.port_id, port.port.port_number, now)
            return self._moved(session, seen, done, now, "relocated")

    def _told(self, seen: Reservation, trouble: Trouble | None) -> bool:
        with self.database.writing() as session:
            now = self._time_for(session, seen)
            if now is None:
                return False
            done = attendance_store.trouble(session, seen, trouble, now)
            return self._moved(session, seen, done, now, "cleared" if trouble is None else "flagged")

    def _time_for(self, session: Session, seen: Reservation) -> datetime | None:
        """The time, read once the reservation is locked; None where it is no longer what was seen."""
        return self.clock.in_transaction(session) if moves.lock_seen(session, seen) else None

    def _moved(self, session: Session, seen: Reservation, done: Reservation | None, now: datetime, what: str) -> bool:
        if done is None:
            return False
        changed = dict(changed_trouble(seen, done))
        if done.port_number != seen.port_number:
            changed["port_number"] = {"from": seen.port_number, "to": done.port_number}
        tell(session, done, now, what=what, cause=Cause.REPORT, changed=changed)
        self.database.when_committed(self.taken.forget)
        return True
