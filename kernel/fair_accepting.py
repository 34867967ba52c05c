"""Fair accepting: web workers share connections evenly, so that none has a queue while another has nothing to do."""

import mmap
import time
from typing import Any

from kernel.lingering import LingeringWorker

_SEATS = 256  # more web workers than anybody starts; those beyond take connections as they come
_NOBODY = 0xFFFF_FFFF
_LEFT_TO_FELLOWS_S = 0.002


class Board:
    """How many connections each web worker has, in memory that the arbiter made and all workers share."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * _SEATS)).cast("I")
        for seat in range(_SEATS):
            self.leave(seat)

    def write(self, seat: int, connections: int) -> None:
        if seat < _SEATS:
            self._counts[seat] = connections

    def leave(self, seat: int) -> None:
        """The worker is gone, or does not take connections yet."""
        self.write(seat, _NOBODY)

    def fewest(self) -> int:
        """What the worker with the fewest has."""
        return min(self._counts)


BOARD = Board()  # made before the workers are forked: that is what they share


class FairWorker(LingeringWorker):
    """gunicorn's threads, which leave a new connection to a worker that has fewer, if that takes it at once.

    All workers wait at one socket, and whoever wakes first takes what is there: of sixteen connections that came at
    once often all went to one of two workers, and stayed with it for as long as they were kept alive.
    """

    seat = _SEATS  # given by the arbiter before it forks

    def accept(self, listener: Any) -> None:
        if self.nr_conns > BOARD.fewest():
            time.sleep(_LEFT_TO_FELLOWS_S)
        super().accept(listener)
        self._tell()

    def notify(self) -> None:
        """Called in each turn of gunicorn's loop, and so whenever a connection has ended."""
        super().notify()
        self._tell()

    def _tell(self) -> None:
        BOARD.write(self.seat, self.nr_conns if self.alive else _NOBODY)


def take_seat(arbiter: Any, worker: FairWorker) -> None:
    """Before the fork: the first place on the board that no living worker has."""
    taken = {fellow.seat for fellow in arbiter.WORKERS.values()}
    worker.seat = next(seat for seat in range(_SEATS + 1) if seat == _SEATS or seat not in taken)


def leave_seat(_arbiter: Any, worker: FairWorker) -> None:
    """After its end, however it ended."""
    BOARD.leave(worker.seat)
