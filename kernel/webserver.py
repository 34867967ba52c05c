"""The web server: gunicorn inside our own process, which also keeps the other child processes running."""

import gc
import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from flask import Flask

from kernel.children import Child, end_with_parent
from kernel.stopping import set_stopping

# gunicorn reads this variable while it is imported, and a bad value would end in a traceback instead of in one line.
_web_concurrency = os.environ.pop("WEB_CONCURRENCY", None)
from gunicorn.app.base import BaseApplication  # noqa: E402
from gunicorn.arbiter import Arbiter  # noqa: E402

from kernel.fair_accepting import FairWorker, leave_seat, take_seat  # noqa: E402 - imports gunicorn too
from kernel.memory import keep_little  # noqa: E402

if _web_concurrency is not None:
    os.environ["WEB_CONCURRENCY"] = _web_concurrency

BACKLOG = 2048
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only asked whether it is there


class WebServer(BaseApplication):
    """Answers requests on a socket that already listens. `run` ends in SystemExit, in the forked workers too."""

    def __init__(
        self,
        *,
        listener: socket.socket,
        workers: int,
        make_app: Callable[[], Flask],
        announce: Callable[[], str | None],
        children: Sequence[Child],
    ) -> None:
        self._listener = listener
        self._workers = workers
        self._make_app = make_app
        self._announce = announce
        self.children = children
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in each worker after the fork: no connection is ever shared between processes."""
        keep_little()
        return self._make_app()

    def run(self) -> None:
        _Arbiter(self).run()

    def _options(self) -> dict[str, Any]:
        return {
            "bind": f"fd://{self._listener.detach()}",
            "proc_name": "portside",
            "worker_class": FairWorker,
            "workers": self._workers,
            "threads": 16,
            "backlog": BACKLOG,
            "timeout": 120,  # a worker that loads a million stations says nothing meanwhile
            "graceful_timeout": 10,  # above the longest transaction
            "keepalive": 75,  # above the idle time of common proxies, so that they close first
            "max_requests": 0,  # a new worker loads the whole index again, so none is replaced by habit
            "limit_request_line": 8190,  # 200 station ids in one query are longer than the default 4094
            "control_socket_disable": True,
            "worker_tmp_dir": str(_SHARED_MEMORY) if os.access(_SHARED_MEMORY, os.W_OK) else None,
            "loglevel": "warning",
            "pre_fork": take_seat,
            "post_fork": _end_with_arbiter,
            "child_exit": leave_seat,
            "post_worker_init": self._greet,
        }

    def _greet(self, worker: Any) -> None:
        """A worker has its application: let that see when the worker ends, and say once that the first one answers.

        What the application is made of stays, so nobody need look for garbage in it: that took a fifth of an intake.
        """
        gc.freeze()
        set_stopping(worker.wsgi, lambda: not worker.alive)
        text = self._announce() if worker.age == 1 else None
        if text:
            click.echo(text)


def _end_with_arbiter(arbiter: Any, worker: Any) -> None:
    """A worker looks for its parent once a second, but not while it waits for open streams to end."""
    end_with_parent(arbiter.pid)


class _Arbiter(Arbiter):
    """gunicorn's main loop, which comes by at every signal and once a second, with our other children in it."""

    def init_signals(self) -> None:
        outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # started by nohup
        super().init_signals()
        if outlives_terminal:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def reap_workers(self) -> None:
        """gunicorn reaps whatever ended; ours go first, so that their exit codes are not lost."""
        for child in self.app.children:
            child.ended()
        super().reap_workers()

    def manage_workers(self) -> None:
        super().manage_workers()
        for child in self.app.children:
            news = child.tend()
            if news:
                self.log.warning(news)

    def handle_hup(self) -> None:
        """The terminal is gone: end. A reload would have nothing to read anew."""
        raise StopIteration

    def handle_usr2(self) -> None:
        self.log.warning("Taking over from a running server is not supported; stop it and start again.")
