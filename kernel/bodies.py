"""Bodies: how large they may be."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

View = TypeVar("View", bound=Callable[..., Any])


def taking_up_to(most_bytes: int) -> Callable[[View], View]:
    """The view takes a body of so many bytes, where that is more than any may have. Stands next to the view."""

    def marked(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return marked


def refuse_large_body() -> None:
    """Refuse, before any view, a body that is larger than the view takes. One of untold length is cut off there."""
    view: Any = current_app.view_functions[request.endpoint or ""]
    most_bytes: int = getattr(view, "most_bytes", current_app.config["MAX_CONTENT_LENGTH"])
    request.max_content_length = most_bytes
    if (request.content_length or 0) > most_bytes:
        raise RequestEntityTooLarge
