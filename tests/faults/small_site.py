"""The smallest application as `serve` runs it, for tests of starting, stopping and sharing."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Serve:
    """One `serve` in a directory of its own, on a free port."""

    def __init__(self, var: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.environ = {name: os.environ[name] for name in os.environ if not name.startswith("PORTSIDE_")}
        self.environ |= {"PYTHONPATH": str(ROOT), "PORTSIDE_VAR": str(var), "PORTSIDE_PORT": str(self.port)}
        self.process: subprocess.Popen[str] | None = None

    def start(self, **environ: str) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.small_app"],
            env=self.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.process

    def start_and_wait(self, **environ: str) -> subprocess.Popen[str]:
        process = self.start(**environ)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", self.refusal()
        return process

    def refusal(self, **environ: str) -> tuple[int, str]:
        """The exit code of a start that fails, and all that it printed."""
        process = self.process or self.start(**environ)
        out, err = process.communicate(timeout=20)
        return process.returncode, out + err

    def get(self, path: str = "/") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse()

    def end(self) -> None:
        if self.process is None:
            return
        self.process.kill()
        self.process.communicate()


def eventually(true: Callable[[], Any], *, within_s: float = 8.0) -> Any:
    deadline = time.monotonic() + within_s
    while not (value := true()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
    return value
