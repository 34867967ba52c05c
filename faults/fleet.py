"""Clients in processes of their own: each runs several in one event loop, and brings back what they took down.

`python -m faults.fleet FOLDER` is one such process: it reads what to do from a file there and writes what came of it.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from kernel.children import end_with_parent

Order = TypeVar("Order")
Report = TypeVar("Report")
PROCESSES = 4
_ROOT = Path(__file__).resolve().parent.parent


class Fleet(Generic[Order, Report]):
    """Clients under way. `work` is a coroutine function of a module; an order must be picklable, so must a report."""

    def __init__(self, work: Callable[[Order], Awaitable[Report]], orders: Sequence[Order]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="portside-fleet-")
        shares = [orders[number::PROCESSES] for number in range(PROCESSES)]
        self._processes = [self._sent(number, work, share) for number, share in enumerate(shares) if share]

    def _sent(self, number: int, work: Any, orders: Sequence[Order]) -> tuple[Path, "subprocess.Popen[bytes]"]:
        folder = Path(self._folder.name, str(number))
        folder.mkdir()
        (folder / "orders").write_bytes(pickle.dumps((work, list(orders))))
        command = [sys.executable, "-m", "faults.fleet", str(folder)]
        die = partial(end_with_parent, os.getpid(), signal.SIGKILL)
        return folder, subprocess.Popen(
            command, cwd=_ROOT, env=os.environ | {"PYTHONPATH": str(_ROOT)}, stdin=subprocess.DEVNULL, preexec_fn=die
        )

    def is_under_way(self) -> bool:
        return any(process.poll() is None for _, process in self._processes)

    def reports(self) -> list[Report]:
        """What every client brought back, once all have; raises RuntimeError where a process failed."""
        found: list[Report] = []
        for folder, process in self._processes:
            if process.wait():
                raise RuntimeError(f"a process of clients ended with {process.returncode}")
            found += pickle.loads((folder / "reports").read_bytes())  # noqa: S301 - written by ourselves
        self._folder.cleanup()
        return found


def sent_out(work: Callable[[Order], Awaitable[Report]], orders: Sequence[Order]) -> list[Report]:
    """What came of all the orders, carried out at once."""
    return Fleet(work, orders).reports()


async def _all(work: Callable[[Any], Awaitable[Any]], orders: Sequence[Any]) -> list[Any]:
    return await asyncio.gather(*map(work, orders))


def main(folder: Path) -> None:
    work, orders = pickle.loads((folder / "orders").read_bytes())  # noqa: S301 - written by ourselves
    reports = asyncio.run(_all(work, orders))
    (folder / "reports").write_bytes(pickle.dumps(reports))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
