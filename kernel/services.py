"""Wiring: use cases are put into the app once and looked up by their class, typed."""

from typing import TypeVar

from flask import Flask, current_app

T = TypeVar("T")


def provide(app: Flask, *services: object) -> None:
    """Put services into the app, each found again by its class."""
    shelf = app.extensions.setdefault("portside", {})
    shelf.update({type(service): service for service in services})


def service(kind: type[T]) -> T:
    """The service of this class in the current app. Raises KeyError where `app.py` provided none."""
    return of(current_app, kind)


def of(app: Flask, kind: type[T]) -> T:
    """The service of this class in an app. Raises KeyError where `app.py` provided none."""
    found = app.extensions["portside"][kind]
    assert isinstance(found, kind)  # noqa: S101 - tells the type checker what `provide` made true
    return found
