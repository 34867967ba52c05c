"""Starting and stopping: `serve` says one clear line when it cannot, and leaves nothing running when it ends."""

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.small_site import Serve, eventually
from tests.processes import family, is_running

ROOT = Path(__file__).resolve().parents[2]


def program(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def child_running(parent: int, name: str) -> int | None:
    return next((pid for pid in family(parent)[1:] if name in program(pid) and is_running(pid)), None)


def complete(parent: int) -> list[int] | None:
    """Everyone, once all are there: itself, cache, background worker and two web workers."""
    everyone = family(parent)
    return everyone if len(everyone) == 5 else None


def test_it_answers_when_it_says_ready(site: Serve) -> None:
    site.start_and_wait()

    with site.get() as answer:
        assert answer.status == 200


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_asked_to_end_it_ends_everything_and_reports_success(site: Serve, signum: int) -> None:
    process = site.start_and_wait()
    everyone = eventually(lambda: complete(process.pid))

    process.send_signal(signum)
    process.wait(15)

    assert process.returncode == 0
    assert not [pid for pid in everyone if is_running(pid)]
    assert not (Path(site.environ["PORTSIDE_VAR"]) / "cache.sock").exists()


def test_asked_to_end_while_it_prepares_it_ends_everything(site: Serve) -> None:
    process = site.start(PREPARE_S="60")
    cache = eventually(lambda: child_running(process.pid, "valkey-server"))

    process.terminate()
    process.wait(10)

    assert process.returncode == 0
    assert not is_running(cache)


def test_killed_with_a_stream_open_it_leaves_nothing_running(site: Serve) -> None:
    process = site.start_and_wait()
    everyone = eventually(lambda: complete(process.pid))
    with site.get("/deaf") as stream:
        assert stream.readline() == b"data: 0\n"

        process.kill()
        process.wait(5)

        eventually(lambda: not [pid for pid in everyone if is_running(pid)], within_s=3)


def test_a_stream_that_asks_does_not_hold_up_the_end(site: Serve) -> None:
    process = site.start_and_wait()
    with site.get("/stream") as stream:
        assert stream.readline() == b"data: 0\n"

        process.terminate()
        stream.read()  # to the proper end of the answer; a torn one would raise

    assert process.wait(8) == 0  # the graceful timeout is 10 s


def test_after_a_kill_the_next_start_works_in_the_same_place(site: Serve) -> None:
    site.start_and_wait()
    site.end()

    site.start_and_wait()

    with site.get() as answer:
        assert answer.status == 200


@pytest.mark.parametrize("name", ["valkey-server", "small_app worker"])
def test_a_child_that_crashes_is_started_again(site: Serve, name: str) -> None:
    process = site.start_and_wait()
    before = eventually(lambda: child_running(process.pid, name))

    os.kill(before, signal.SIGKILL)

    eventually(lambda: child_running(process.pid, name) not in (None, before))


def test_a_taken_port_is_one_clear_line(site: Serve) -> None:
    with closing(socket.create_server(("127.0.0.1", site.port))):
        code, said = site.refusal()

    assert code == 1
    assert said == f"Port {site.port} on 127.0.0.1 is taken; set PORTSIDE_PORT or stop what runs there.\n"


def test_a_second_start_on_the_same_directory_is_one_clear_line(site: Serve) -> None:
    site.start_and_wait()
    second = Serve(Path(site.environ["PORTSIDE_VAR"]))

    code, said = second.refusal()

    assert code == 1
    assert said.startswith("Another ./dev serve already runs on ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["WEB_CONCURRENCY", "PORTSIDE_PORT", "PORTSIDE_REDIS_URL", "PORTSIDE_NONE"])
def test_a_bad_setting_is_one_clear_line(site: Serve, name: str) -> None:
    code, said = site.refusal(**{name: "many"})

    assert code == 1
    assert name in said
    assert said.count("\n") == 1


def test_with_a_cache_elsewhere_none_is_started(site: Serve) -> None:
    process = site.start_and_wait(PORTSIDE_REDIS_URL="redis://127.0.0.1:1")

    assert child_running(process.pid, "small_app worker")
    assert not child_running(process.pid, "valkey-server")
