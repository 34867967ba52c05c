"""Whether this process was asked to end: what an answer without an end (a stream) asks between two pieces."""

from collections.abc import Callable

from flask import Flask

_KEY = "portside_stopping"


def set_stopping(app: Flask, stopping: Callable[[], bool]) -> None:
    """Told by the server that runs the app."""
    app.extensions[_KEY] = stopping


def stopping_of(app: Flask) -> Callable[[], bool]:
    """A question that can be asked outside a request; without a server that tells, the answer is no.

    A stream that does not ask holds up SIGTERM for the whole graceful timeout.
    """
    stopping: Callable[[], bool] = app.extensions.get(_KEY, _never)
    return stopping


def _never() -> bool:
    return False
