"""Child processes that end with us, however we end, and start again when they end by themselves."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial

_PR_SET_PDEATHSIG = 1
_C = ctypes.CDLL(None, use_errno=True)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_HEALTHY_AFTER_S = 60.0


def end_with_parent(parent: int, signum: int = signal.SIGKILL) -> None:
    """Called in a new process: have the kernel send it this signal when the thread that started it ends.

    Linux only; elsewhere a child outlives a parent that was killed.
    """
    if not sys.platform.startswith("linux"):
        return
    _C.prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), signum)


class Child:
    """One program that runs as long as we do.

    SIGKILL is what it gets when we vanish: a frozen or stuck child would leave any other signal unread. It has a
    session of its own, so that Ctrl-C reaches it through `stop` and in order. To be used from the main thread.
    """

    def __init__(self, name: str, command: Sequence[str], *, quiet: bool = False) -> None:
        self.name = name
        self.command = tuple(command)
        self._output = subprocess.DEVNULL if quiet else None
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._again_at: float | None = None
        self._pause_s = _FIRST_PAUSE_S

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it. Raises OSError when the program cannot be run."""
        self._process = subprocess.Popen(  # noqa: S603 - the command is our own
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
            preexec_fn=partial(end_with_parent, os.getpid()),
        )
        self._started_at, self._again_at = time.monotonic(), None

    def ended(self) -> int | None:
        """Its exit code (negative: the signal), or None while it runs; takes it off the process table."""
        return self._process.poll() if self._process else None

    def tend(self) -> str | None:
        """Start it again if it ended, after a pause that doubles with every early end; says so in a sentence."""
        code = self.ended()
        if code is None:
            return None
        now = time.monotonic()
        if self._again_at is None:
            self._again_at = now + self._next_pause_s(now - self._started_at)
            return f"The {self.name} ended (exit code {code}); it starts again in {self._again_at - now:.1f} s."
        if now >= self._again_at:
            self.start()
        return None

    def _next_pause_s(self, lived_s: float) -> float:
        pause_s = _FIRST_PAUSE_S if lived_s >= _HEALTHY_AFTER_S else self._pause_s
        self._pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return pause_s

    def stop(self, *, grace_s: float = 5.0) -> None:
        """Ask it to end (SIGTERM), insist after the grace (SIGKILL), and take it off the process table."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
