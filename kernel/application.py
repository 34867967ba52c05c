"""The application: Flask without what nothing here needs."""

from collections.abc import Callable
from typing import Any

from flask import Flask


class Application(Flask):
    """Every view and hook is a plain function: Flask need not look at each of them, in each request, for coroutines."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
