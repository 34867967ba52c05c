"""StatusIntake: reports of what ports are, kept where they are newer than what is known, and announced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from finder import status_events
from finder import status_log_store as log_store
from finder import status_store as store
from finder.domain.availability import status_as_told
from finder.domain.freshness import Thresholds, age_of
from finder.domain.hearing import Heard, heard_of
from finder.domain.spells import LATEST, Spell, State, retold, state_after, walk
from finder.domain.status import Report, in_order
from finder.said import Outcome, Said, Verdict, report_of, verdict
from finder.status_store import NOTHING_TOLD, Held, Place, Told
from finder.thresholds import NetworkThresholds
from kernel.bulk import Rows, insert_rows

Order = tuple[datetime, int, int]


class PortListener(Protocol):
    """Wants to know what becomes of ports, in the transaction that writes it down."""

    def heard(self, session: Session, changes: Sequence[Heard]) -> None:
        """What ports have become; of one port in the order in which it did."""


@dataclass(slots=True)
class _Port:
    """A port that is reported on: what came in this call, and what is kept of it."""

    place: Place
    is_known: bool
    thresholds: Thresholds
    came: dict[Order, Report] = field(default_factory=dict)
    before: Held | None = None
    known: Order | None = None

    def was_held(self, before: Held | None) -> None:
        """What is kept of it, once its row is locked."""
        self.before = before
        self.known = None if before is None else before.report.order

    def is_late(self, since: datetime) -> bool:
        """Whether something came that belongs before what is known, and not too long before."""
        latest = self.known
        return latest is not None and any(order < latest and order[0] >= since for order in self.came)


_Ports = Mapping[tuple[str, int], _Port]


class StatusIntake:
    """Takes the reports of a call, within the caller's transaction."""

    def __init__(self, thresholds: NetworkThresholds, listeners: Sequence[PortListener] = ()) -> None:
        self._thresholds = thresholds
        self._listeners = listeners

    def take(
        self, session: Session, said: Sequence[Said], now: datetime
    ) -> tuple[list[Verdict], dict[int, dict[int, Report]]]:
        """What became of each report; and station key → port key → latest report, of the ports that it changed.

        The ports' rows are locked, so what is written follows from all that is known, whoever else reports.
        """
        ports = self._ports(session, said)
        reports = [report_of(one, now) for one in said]
        kept = self._kept(session, ports, _came(ports, said, reports), now)
        accepted = {port_id: held.report.order for port_id, held in kept.items()}
        verdicts = [
            _verdict(ports.get((one.station_id, one.port_number)), report, accepted)
            for one, report in zip(said, reports, strict=True)
        ]
        changed: dict[int, dict[int, Report]] = {}
        for port in ports.values():
            if (held := kept.get(port.place.port_id)) is not None:
                changed.setdefault(port.place.station_pk, {})[port.place.port_id] = held.report
        return verdicts, changed

    def _ports(self, session: Session, said: Sequence[Said]) -> _Ports:
        return {
            (place.station_id, place.port_number): _Port(place, is_known, self._thresholds.of(place.network_id))
            for place, is_known in store.places(session, {one.station_id for one in said})
        }

    def _kept(
        self,
        session: Session,
        named: _Ports,
        log: Rows,
        now: datetime,
    ) -> dict[int, Held]:
        """Write what is new: each port's latest report, the spells that begin, the log; announce what changed."""
        ports = {port.place.port_id: port for port in named.values() if port.came}
        store.make_room(session, [port_id for port_id, port in ports.items() if not port.is_known])
        for port_id, held in store.locked(session, list(ports)).items():
            ports[port_id].was_held(held)
        self._tell_listeners(session, ports)
        latest, spells = self._followed(session, ports, now - LATEST)
        kept = {port_id: _as_told(ports[port_id], report, now) for port_id, report in latest.items()}
        changed = [(ports[port_id], held) for port_id, held in kept.items() if held.told != _told(ports[port_id])]
        insert_rows(
            session,
            log,
            log_store.told(spells),
            status_events.changes([(port.place, held) for port, held in changed], now),
            store.newest(kept),
        )
        return kept

    def _tell_listeners(self, session: Session, ports: Mapping[int, _Port]) -> None:
        changes = [
            heard
            for port_id, port in ports.items()
            for heard in heard_of(port_id, port.before and port.before.report, list(port.came.values()))
        ]
        for listener in self._listeners:
            listener.heard(session, changes)

    def _followed(
        self, session: Session, ports: Mapping[int, _Port], since: datetime
    ) -> tuple[dict[int, Report], dict[int, list[Spell]]]:
        """Each port's latest report where there is a new one, and the spells that are to be added."""
        late = {port_id: port for port_id, port in ports.items() if port.is_late(since)}
        latest, spells = self._retold(session, late, since) if late else ({}, {})
        for port_id, port in ports.items():
            if port_id not in late:
                begun, report = _went_on(port)
                if report is not None:
                    latest[port_id] = report
                if begun:
                    spells[port_id] = begun
        return latest, spells

    def _retold(
        self, session: Session, late: Mapping[int, _Port], since: datetime
    ) -> tuple[dict[int, Report], dict[int, list[Spell]]]:
        """Tell the history of these ports anew, from the log and what came, as if all had come in its order."""
        logged = log_store.reports_since(session, late, since)
        known = log_store.spells_of(session, late, since=since)
        latest: dict[int, Report] = {}
        spells: dict[int, list[Spell]] = {}
        for port_id, port in late.items():
            before = {report.order: report for report in reversed([*_held(port), *logged.get(port_id, [])])}
            after = {order: report for order, report in port.came.items() if order[0] >= since} | before
            if len(after) > len(before):
                spells[port_id], state = retold(
                    known.get(port_id, ()),
                    after.values(),
                    since=since,
                    reports_before=max(0, sum(one.reports for one in _held(port)) - len(before)),
                    longest_gap_s=port.thresholds.stale_after_s,
                )
                newest = _latest(after.values(), state)
                most = max(newest.reports, *(one.reports + 1 for one in _held(port)))  # the row's changes are counted
                latest[port_id] = newest._replace(reports=most)
        log_store.forget_spells_since(session, list(latest), since)
        return latest, spells


def _came(ports: _Ports, said: Sequence[Said], reports: Sequence[Report | None]) -> Rows:
    """Hand each port what came of it; returns what the log says of that."""
    port_ids, logged, said_at = [], [], []
    for one, report in zip(said, reports, strict=True):
        port = ports.get((one.station_id, one.port_number))
        if port is not None and report is not None:
            port.came.setdefault(report.order, report)
            port_ids.append(port.place.port_id)
            logged.append(report)
            said_at.append(one.reported_at)
    return log_store.logged(port_ids, logged, said_at)


def _as_told(port: _Port, report: Report, now: datetime) -> Held:
    age = age_of(report, now, port.thresholds)
    return Held(report, Told(status_as_told(report, age), age.freshness))


def _held(port: _Port) -> list[Report]:
    return [] if port.before is None else [port.before.report]


def _told(port: _Port) -> store.Told:
    return NOTHING_TOLD if port.before is None else port.before.told


def _went_on(port: _Port) -> tuple[list[Spell], Report | None]:
    """The spells that begin with what is newer than what is known, and the newest; None where nothing is newer."""
    known = port.known
    newer = [report for order, report in port.came.items() if known is None or order > known]
    if not newer:
        return [], None
    before = None if port.before is None else state_after(port.before.report)
    spells, state = walk(before, newer, longest_gap_s=port.thresholds.stale_after_s)
    return spells, _latest(newer, state)


def _latest(reports: Iterable[Report], state: State | None) -> Report:
    """The newest report, knowing since when its status is what it is."""
    newest = in_order(reports)[-1]
    if state is None:
        return newest
    return newest._replace(status_changed_at=state.status_changed_at, reports=state.reports)


def _verdict(port: _Port | None, report: Report | None, accepted: Mapping[int, Order]) -> Verdict:
    """A report is accepted where it is now the latest of its port."""
    if report is None:
        return verdict(Outcome.INVALID)
    if port is None:
        return verdict(Outcome.UNKNOWN_PORT)
    is_latest = report.order == accepted.get(port.place.port_id) != port.known
    return verdict(Outcome.ACCEPTED if is_latest else Outcome.OLDER, clamped=report.clamped)
