"""A stand-in for app.py: the smallest application, so that starting and stopping are tested by themselves."""

import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

from flask import Flask, Response
from gunicorn.workers.gthread import ThreadWorker

from kernel.errors import SettingsError
from kernel.fair_accepting import FairWorker
from kernel.serving import serve
from kernel.settings import read_settings
from kernel.stopping import stopping_of


def make_app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", "root", lambda: str(os.getpid()))
    app.add_url_rule("/thread", "thread", lambda: str(threading.get_ident()))
    app.add_url_rule("/stream", "stream", lambda: Response(_ticks(stopping_of(app)), mimetype="text/event-stream"))
    app.add_url_rule("/deaf", "deaf", lambda: Response(_ticks(lambda: False), mimetype="text/event-stream"))
    return app


def _ticks(stopping: Callable[[], bool]) -> Iterator[str]:
    for number in itertools.takewhile(lambda _: not stopping(), itertools.count()):
        yield f"data: {number}\n\n"
        time.sleep(0.05)


def main() -> None:
    if "GREEDY" in os.environ:
        FairWorker.accept = ThreadWorker.accept
    if "HASTY" in os.environ:
        FairWorker.next_comes = lambda *_: False
    if sys.argv[1:] == ["worker"]:
        time.sleep(3600)
    try:
        serve(
            read_settings(os.environ),
            make_app=make_app,
            prepare=lambda: time.sleep(float(os.environ.get("PREPARE_S", "0"))),
            announce=lambda: "ready",
            worker_command=[sys.executable, "-m", "tests.faults.small_app", "worker"],
        )
    except SettingsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
