"""The embedded cache: private, nowhere but on its socket, and gone when the process that started it is gone."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from kernel.embedded_cache import EmbeddedCache
from kernel.errors import SettingsError
from tests.processes import is_running

ROOT = Path(__file__).resolve().parents[2]
STARTED_ELSEWHERE = """
import sys, time
from pathlib import Path
from kernel.embedded_cache import EmbeddedCache
cache = EmbeddedCache(Path(sys.argv[1]))
cache.start()
print(cache.child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="a name with blanks ") as directory:
        yield Path(directory) / "cache.sock"


@pytest.fixture
def cache(path: Path) -> Iterator[EmbeddedCache]:
    cache = EmbeddedCache(path)
    cache.start()
    yield cache
    cache.stop()


def client(cache: EmbeddedCache) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(cache.path), single_connection_client=True)


def started_elsewhere(path: Path) -> tuple["subprocess.Popen[str]", int]:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED_ELSEWHERE, str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def has_ended(pid: int) -> bool:
    deadline = time.monotonic() + 3
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


def news(cache: EmbeddedCache) -> str | None:
    deadline = time.monotonic() + 3
    while not (said := cache.child.tend()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return said


def test_only_this_account_can_open_its_socket(cache: EmbeddedCache) -> None:
    mode = cache.path.stat().st_mode

    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o700


def test_it_has_no_tcp_port_and_writes_nothing_to_disk(cache: EmbeddedCache) -> None:
    with client(cache) as asked:
        says = asked.config_get("port", "save", "appendonly", "maxmemory-policy")

    assert says == {"port": "0", "save": "", "appendonly": "no", "maxmemory-policy": "allkeys-lru"}


def test_stopped_it_is_gone_and_so_is_its_socket(cache: EmbeddedCache) -> None:
    pid = cache.child.pid

    cache.stop()

    assert pid
    assert not is_running(pid)
    assert not cache.path.exists()


def test_stopped_while_frozen_it_is_gone(cache: EmbeddedCache) -> None:
    pid = cache.child.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)

    cache.child.stop(grace_s=0.2)

    assert not is_running(pid)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_process_that_started_it(path: Path, signum: int) -> None:
    process, pid = started_elsewhere(path)

    process.send_signal(signum)
    process.communicate(timeout=5)

    assert has_ended(pid)


def test_even_frozen_it_ends_with_the_process_that_started_it(path: Path) -> None:
    process, pid = started_elsewhere(path)
    os.kill(pid, signal.SIGSTOP)

    process.kill()
    process.communicate(timeout=5)

    assert has_ended(pid)


def test_it_starts_over_the_socket_of_one_that_was_killed(cache: EmbeddedCache) -> None:
    pid = cache.child.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert has_ended(pid)
    cache.stop()
    assert cache.path.exists()

    cache.start()

    with client(cache) as asked:
        assert asked.ping()


def test_it_does_not_take_the_socket_of_one_that_runs(path: Path) -> None:
    process, pid = started_elsewhere(path)

    with pytest.raises(SettingsError, match=r"Another \./dev serve already runs"):
        EmbeddedCache(path).start()

    assert is_running(pid)
    process.kill()
    process.communicate(timeout=5)


def test_a_start_that_fails_says_how_to_see_why(tmp_path: Path) -> None:
    cache = EmbeddedCache(tmp_path / ("long" * 50) / "cache.sock")

    with pytest.raises(SettingsError, match=r"To see why: .*valkey-server --port 0"):
        cache.start()


def test_a_crashed_one_starts_again_after_a_pause(cache: EmbeddedCache) -> None:
    pid = cache.child.pid
    assert pid
    os.kill(pid, signal.SIGKILL)

    first_news = news(cache)
    time.sleep(0.6)
    later_news = cache.child.tend()

    assert first_news == "The embedded cache ended (exit code -9); it starts again in 0.5 s."
    assert later_news is None
    assert cache.child.ended() is None
    assert cache.child.pid != pid
