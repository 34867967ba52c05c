"""NetworkThresholds: after how long each network's silent ports count as stale and as unreachable."""

import threading
import time

import structlog

from finder import store
from finder.domain.freshness import Thresholds
from kernel.database import Database
from kernel.errors import InvalidBody, NotFound, TemporarilyUnavailable

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY_S = 2.0


class UnknownNetwork(NotFound):
    """There is no network with this id."""

    code = "unknown_network"


class ThresholdsOutOfOrder(InvalidBody):
    """A port counts as unreachable only after it counts as stale."""

    code = "thresholds_out_of_order"


class NetworkThresholds:
    """A network's own thresholds, else those of the installation; a change is seen by every process within 2 s.

    Answers from memory: one thread of a process looks at the table, and with the database away the last ones stay.
    """

    def __init__(self, database: Database, default: Thresholds | None = None) -> None:
        self._database = database
        self.default = default or Thresholds()
        self._own: dict[int, Thresholds] = {}
        self._look_at = 0.0
        self._looking = threading.Lock()

    def of(self, network_id: int) -> Thresholds:
        """The thresholds in force for the ports of this network."""
        return self.own().get(network_id, self.default)

    def own(self) -> dict[int, Thresholds]:
        """Network id → thresholds, of the networks that have their own."""
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look()
            except TemporarilyUnavailable:
                log.warning("thresholds not looked at: the database is away")
            finally:
                self._looking.release()
        return self._own

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOKED_AT_EVERY_S
        with self._database.reading() as session:
            found = store.thresholds(session)
        self._own = {
            network_id: Thresholds(
                self.default.stale_after_s if stale is None else stale,
                self.default.unreachable_after_s if unreachable is None else unreachable,
            )
            for network_id, (stale, unreachable) in found.items()
        }

    def set(self, network_id: int, *, stale_after_s: int | None, unreachable_after_s: int | None) -> Thresholds:
        """Give a network thresholds of its own; None: those of the installation.

        Raises UnknownNetwork, ThresholdsOutOfOrder.
        """
        stale = self.default.stale_after_s if stale_after_s is None else stale_after_s
        unreachable = self.default.unreachable_after_s if unreachable_after_s is None else unreachable_after_s
        if not 0 < stale < unreachable:
            raise ThresholdsOutOfOrder(f"Stale after {stale} s and unreachable after {unreachable} s cannot be.")
        with self._database.writing() as session:
            if not store.set_thresholds(session, network_id, stale_after_s, unreachable_after_s):
                raise UnknownNetwork
        self._look_at = 0.0
        return Thresholds(stale, unreachable)
