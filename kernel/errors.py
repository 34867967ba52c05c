"""Refusals: every "no" that a rule, a store or a use case can say, as exceptions with a stable code."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class Refusal(Exception):
    """The request was refused.

    A subclass names the case; the first line of its docstring is what the client reads. `status` is the HTTP
    status, `code` the stable machine code, `response_code` the number of section 4 of the 4.1 guide where one fits.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    response_code: ClassVar[str | None] = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        super().__init__(self.detail)


class InvalidRequest(Refusal):
    """The request is not valid."""

    status = 400
    code = "invalid_request"
    response_code = "171"


class InvalidBody(Refusal):
    """The body is well formed, but what it says is not valid."""

    status = 422
    code = "invalid_body"
    response_code = "171"


class NotFound(Refusal):
    """There is no such thing here."""

    status = 404
    code = "not_found"


class TemporarilyUnavailable(Refusal):
    """This cannot be done at the moment. Please try again shortly."""

    status = 503
    code = "temporarily_unavailable"
    response_code = "143"

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


class Overtaken(TemporarilyUnavailable):
    """Others were doing the same at this moment. Please try again shortly."""

    code = "overtaken"


class Collision(Refusal):
    """Somebody else was quicker with the same. Read what is there now."""

    status = 409
    code = "collision"


class SettingsError(Exception):
    """The environment asks for something that cannot be; the message is the one line that a person reads."""
