"""The servers under measure: each a process of its own, with our web server's model, on a free port; their memory."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask

from bench.load import BadAnswer, one_answer, request_for
from kernel.children import end_with_parent
from kernel.webserver import BACKLOG, WebServer
from tests.processes import family

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers on a port of this machine; `ready_s` is the time from its start to that."""

    pid: int
    port: int
    ready_s: float

    def workers_rss_mib(self) -> list[float]:
        """Resident memory of each web worker: the children that were forked, not started as another program."""
        own = _command_of(self.pid)
        return [_rss_mib(pid) for pid in family(self.pid)[1:] if _command_of(pid) == own]


@contextmanager
def running(command: Sequence[str], *, port: int, var: Path, ready_path: str, **settings: str) -> Iterator[Running]:
    """A Python program of ours as a server; `settings` are environment variables. Raises RuntimeError with its log."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTSIDE_")}
    environment = kept | {"PYTHONPATH": str(ROOT), "WEB_CONCURRENCY": str(WORKERS)} | settings
    log = var / f"server-{port}.log"
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGTERM),
        )
        try:
            _wait(process, request_for(ready_path, port), port, log)
            yield Running(process.pid, port, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(_WAIT_S)


def serve_app(port: int, make_app: Callable[[], Flask]) -> None:
    """Answer with this application as `./dev serve` answers with ours: same server, workers and threads."""
    WebServer(
        listener=socket.create_server(("127.0.0.1", port), backlog=BACKLOG),
        workers=WORKERS,
        make_app=make_app,
        announce=lambda: None,
        children=[],
    ).run()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], request: bytes, port: int, log: Path) -> None:
    until = time.monotonic() + _WAIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            one_answer(port, request)
        except (OSError, BadAnswer):
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"a server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def rss_mib_of(parent: int, name: str) -> float:
    """Resident memory of the child whose command ends so."""
    [found] = [pid for pid in family(parent)[1:] if _command_of(pid).rstrip(b"\0").endswith(name.encode())]
    return _rss_mib(found)


def _rss_mib(pid: int) -> float:
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
