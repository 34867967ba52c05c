"""The product as a process: `app.py serve` with settings of a test's own, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.places import stream_socket

ROOT = Path(__file__).resolve().parent.parent
_WAIT_S = 60.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(var: Path, **settings: str) -> Iterator[str]:
    """The address of a running server; `settings` are environment variables beside PORTSIDE_VAR and PORTSIDE_PORT."""
    with serving_process(var, **settings) as (base, _):
        yield base


@contextmanager
def serving_process(var: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with the process; a test may end it."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTSIDE_")}
    environment = kept | {"PORTSIDE_VAR": str(var), "PORTSIDE_PORT": str(port), "PYTHONPATH": str(ROOT)} | settings
    log = var.with_suffix(".log")
    with log.open("wb") as output:
        command = [sys.executable, str(ROOT / "app.py"), "serve"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _wait_until_ready(base, process, log)
            _wait_until_streaming(var, process, log)
            yield base, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_WAIT_S)


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _WAIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


def _wait_until_streaming(var: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _WAIT_S
    while not stream_socket(var).exists():
        if time.monotonic() > until or process.poll() is not None:
            raise RuntimeError(f"the streamer did not start:\n{log.read_text()}")
        time.sleep(0.05)
