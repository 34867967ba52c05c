"""Kills at a beat while clients work: web workers, the database's sessions, the database, the cache."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from faults.ground import Ground
from faults.sites import Site
from tests.processes import family, send

BEATS_S: Mapping[str, Mapping[str, float]] = {
    "postgresql": {"worker": 1, "backend": 5, "postgres": 30, "cache": 10},
    "sqlite": {"worker": 1, "cache": 10},
}

# Of a short run: few enough that a busy machine, on which a worker takes seconds to start, comes through.
FEW: Mapping[str, int] = {"worker": 3, "backend": 2, "postgres": 1, "cache": 1}


@dataclass(slots=True)
class Kills:
    """What is killed, how often and at most how often; `struck` tells what and when (monotonic nanoseconds)."""

    ground: Ground
    running: Site
    beats_s: Mapping[str, float]
    most: Mapping[str, int] | None
    chance: Random
    struck: list[tuple[str, int]] = field(default_factory=list)

    def go_on_while(self, is_under_way: Callable[[], bool]) -> None:
        """Kill at every beat; what does not come back by itself is started again."""
        began = time.monotonic()
        due = {what: began + beat / 4 for what, beat in self.beats_s.items()}
        while is_under_way():
            for what, moment in due.items():
                if time.monotonic() >= moment:
                    due[what] = time.monotonic() + self.beats_s[what]
                    self._strike(what)
            time.sleep(0.02)

    def _strike(self, what: str) -> None:
        if self.most is not None and sum(one == what for one, _ in self.struck) >= self.most[what]:
            return
        at = time.monotonic_ns()
        if {"worker": self._worker, "backend": self._backend, "postgres": self._postgres, "cache": self._cache}[what]():
            self.struck.append((what, at))

    def _worker(self) -> bool:
        own = command_of(self.running.pid)
        workers = [pid for pid in family(self.running.pid)[1:] if command_of(pid) == own]
        return self._killed_one_of(workers)

    def _backend(self) -> bool:
        """A client's session; the server then throws out all the others and recovers."""
        sessions = [pid for pid in self.ground.postgres.backends() if b"[local]" in command_of(pid)]
        return self._killed_one_of(sessions)

    def _killed_one_of(self, pids: list[int]) -> bool:
        if not pids:
            return False
        send(self.chance.choice(pids), signal.SIGKILL)
        return True

    def _postgres(self) -> bool:
        self.ground.postgres.kill()
        self.ground.postgres.start()
        return True

    def _cache(self) -> bool:
        self.ground.cache.kill()
        self.ground.cache.start()
        return True


def command_of(pid: int) -> bytes:
    """The command line of a process, empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
