"""The request log: one whole line for each request that changes something or fails, in ASCII, without secrets."""

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from flask import Flask

from kernel.logs import configure_logs
from tests.conversation import Conversation

CARD = "4111111111111111"
EACH = 500
Written = Callable[[Callable[[], object]], list[str]]


@pytest.fixture
def written(app: Flask, capsys: pytest.CaptureFixture[str]) -> Written:
    """The lines that some work leaves behind."""

    def lines_of(work: Callable[[], object]) -> list[str]:
        configure_logs()
        capsys.readouterr()
        work()
        return capsys.readouterr().err.splitlines()

    return lines_of


@pytest.fixture
def nobody(api: Conversation) -> Conversation:
    return api.as_nobody()


def test_what_a_line_tells(nobody, written) -> None:
    (line,) = map(json.loads, written(lambda: nobody.post("/v1/nothing", headers={"X-Request-ID": "abc"})))

    assert line.pop("ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "method": "POST",
        "path": "/v1/nothing",
        "status": 404,
        "caller": "address:127.0.0.1",
        "event": "request",
        "request_id": "abc",
        "level": "info",
    }


def test_reads_that_went_well_are_not_written_down(nobody, written) -> None:
    assert written(lambda: nobody.get("/healthz")) == []
    assert len(written(lambda: nobody.get("/v1/nothing"))) == 1


@pytest.mark.parametrize(
    "path", ["/%C2%9B31m", "/%E2%80%AE", "/%E2%80%A8x", "/caf%C3%A9", "/%00%1B%0A", "/%7F", "/%FF"]
)
def test_no_character_steers_a_terminal(nobody, written, path: str) -> None:
    (line,) = written(lambda: nobody.post(path))

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["status"] == 404


def test_card_numbers_are_redacted_wherever_they_are(nobody, written) -> None:
    (line,) = written(lambda: nobody.request(CARD, f"/{CARD}", headers={"X-Request-ID": CARD}))

    assert CARD not in line
    told = json.loads(line)
    assert (told["method"], told["path"], told["request_id"]) == ("[redacted]", "/[redacted]", "[redacted]")


def test_lines_of_several_threads_are_whole(nobody, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    others = structlog.get_logger("another")
    with (tmp_path / "log").open("w+", buffering=1) as log, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", log)
        configure_logs()
        at_once(lambda: others.info("much", text="x" * 9000), lambda: nobody.post("/v1/nothing"))
        log.seek(0)
        lines = log.read().splitlines()

    assert sorted(json.loads(line)["event"] for line in lines) == ["much"] * EACH + ["request"] * EACH


def at_once(*works: Callable[[], object]) -> None:
    """Each of them so often, in a thread of its own."""
    threads = [threading.Thread(target=lambda work=work: [work() for _ in range(EACH)]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
