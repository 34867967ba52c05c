"""Two ways to the desk that tell the same: its own methods, and HTTP with an idempotency key."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from redis import Redis
from sqlalchemy import update
from werkzeug.test import TestResponse

from accounts.domain import secrets
from accounts.tables import ClientRow, TokenRow
from kernel.errors import Refusal
from reservations.domain.reservation import Change, Reservation, Wish
from tests.conversation import Conversation
from tests.model.ground import BEGINNING, Ground
from tests.model.model import STATION_ID, Ask
from tests.servers import CacheServer

_HOLDS = "/v1/reservations"


@dataclass(frozen=True, kw_only=True)
class ToldQuote:
    """A quote as a driver is told it."""

    quote_id: str
    port: int
    start: datetime
    end: datetime
    price: Decimal | None
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Told:
    """A reservation as a driver is told it."""

    handle: str
    state: str
    card: str
    port: int
    start: datetime
    end: datetime
    price: Decimal | None
    hold_expires_at: datetime
    cancel_until: datetime
    confirmed_at: datetime | None


class Front(Protocol):
    """What a driver can do; a refusal is an exception with a `code`. `deed` is confirm, release, cancel or extend."""

    is_remote: bool  # whether it can stutter, and can do without the cache
    stutters: bool  # whether the next request is sent twice
    tried_again: bool  # whether the last one was sent again because of a 503

    def quote(self, driver: str, ask: Ask, card: str | None) -> ToldQuote: ...
    def hold(self, driver: str, ask: Ask, card: str, quote_id: str | None) -> Told: ...
    def do(self, deed: str, driver: str, handle: str) -> Told: ...
    def modify(self, driver: str, handle: str, ask: Ask, quote_id: str | None) -> Told: ...
    def look_up(self, driver: str, handle: str) -> Told: ...
    def lose_cache(self) -> None: ...
    def find_cache(self) -> None: ...
    def begin(self) -> None: ...


class AtTheDesk:
    """The desk's own methods, which know neither retries nor the cache."""

    is_remote = stutters = tried_again = False

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def quote(self, driver: str, ask: Ask, card: str | None) -> ToldQuote:
        made = self._ground.desk.quote(self._ground.drivers[driver], _wish(ask), card=card)
        return ToldQuote(
            quote_id=made.quote_id,
            port=made.port_number,
            start=made.start,
            end=made.end,
            price=made.price.total,
            expires_at=made.expires_at,
        )

    def hold(self, driver: str, ask: Ask, card: str, quote_id: str | None) -> Told:
        held = self._ground.desk.hold(self._ground.drivers[driver], _wish(ask), card=card, quote_id=quote_id)
        return told(held)

    def do(self, deed: str, driver: str, handle: str) -> Told:
        counter: Any = self._ground.modification if deed == "extend" else self._ground.desk
        return told(getattr(counter, deed)(self._ground.drivers[driver], handle))

    def modify(self, driver: str, handle: str, ask: Ask, quote_id: str | None) -> Told:
        change = Change(start=ask.start, duration_min=ask.duration_min, port_number=ask.port, quote_id=quote_id)
        return told(self._ground.modification.modify(self._ground.drivers[driver], handle, change))

    def look_up(self, driver: str, handle: str) -> Told:
        return told(self._ground.desk.look_up(self._ground.drivers[driver], handle))

    def lose_cache(self) -> None:
        raise NotImplementedError("the desk has none")

    find_cache = lose_cache

    def begin(self) -> None:
        """There is nothing to put back."""


class OverHttp:
    """Requests of an app that sends again, under the same key, what was answered with 503."""

    is_remote = True

    def __init__(self, ground: Ground, cache: CacheServer) -> None:
        self.stutters = self.tried_again = False
        self._socket = Path(cache.url.removeprefix("unix://"))
        self._elsewhere = self._socket.with_suffix(".elsewhere")
        self._keys = itertools.count()
        self._callers = {name: Conversation(ground.app, _token(ground, name)) for name in ground.drivers}

    def quote(self, driver: str, ask: Ask, card: str | None) -> ToldQuote:
        made = self._post(driver, "/v1/quotes", _body(ask, card))
        return ToldQuote(
            quote_id=made["quote_id"],
            port=made["port_number"],
            start=_moment(made["start"]),
            end=_moment(made["end"]),
            price=_amount(made["price"]["total"]),
            expires_at=_moment(made["expires_at"]),
        )

    def hold(self, driver: str, ask: Ask, card: str, quote_id: str | None) -> Told:
        return _told_json(self._post(driver, _HOLDS, _body(ask, card) | ({"quote_id": quote_id} if quote_id else {})))

    def do(self, deed: str, driver: str, handle: str) -> Told:
        return _told_json(self._post(driver, f"{_HOLDS}/{handle}/{deed}", None))

    def modify(self, driver: str, handle: str, ask: Ask, quote_id: str | None) -> Told:
        body = {name: value for name, value in _body(ask, None).items() if name != "station_id"}
        body |= {"quote_id": quote_id} if quote_id else {}
        return _told_json(self._post(driver, f"{_HOLDS}/{handle}", body, method="PATCH"))

    def look_up(self, driver: str, handle: str) -> Told:
        return _told_json(_checked(self._callers[driver].get(f"{_HOLDS}/{handle}")))

    def lose_cache(self) -> None:
        """Its connections end and nobody finds it any more."""
        if self._socket.exists():
            self._socket.rename(self._elsewhere)
            with Redis(unix_socket_path=str(self._elsewhere)) as client:
                client.flushall()  # as one that was restarted: what it has missed meanwhile it must not know wrongly
                client.client_kill_filter(_type="normal", skipme=True)

    def find_cache(self) -> None:
        if self._elsewhere.exists():
            self._elsewhere.rename(self._socket)

    def begin(self) -> None:
        self.stutters = self.tried_again = False
        self.find_cache()

    def _post(self, driver: str, path: str, body: dict[str, Any] | None, method: str = "POST") -> Any:
        headers = {"Idempotency-Key": f"key {next(self._keys)}"}
        caller = self._callers[driver]
        send = partial(caller.request, method, path, headers, **({} if body is None else {"json": body}))
        answer = self._answered(send)
        if self.stutters:
            self.stutters = False
            _check_same(answer, self._answered(send))
        return _checked(answer)

    def _answered(self, send: Callable[[], TestResponse]) -> TestResponse:
        answer = send()
        self.tried_again = answer.status_code == 503
        return send() if self.tried_again else answer


def told(one: Reservation) -> Told:
    return Told(
        handle=one.handle,
        state=one.state.value,
        card=one.card,
        port=one.port_number,
        start=one.start,
        end=one.end,
        price=one.price.total,
        hold_expires_at=one.hold_expires_at,
        cancel_until=one.cancel_until,
        confirmed_at=one.confirmed_at,
    )


def _told_json(one: dict[str, Any]) -> Told:
    return Told(
        **{name: one[name] for name in ("handle", "state", "card")},
        **{name: _moment(one[name]) for name in ("start", "end", "hold_expires_at", "cancel_until")},
        confirmed_at=_moment(one["confirmed_at"]) if one["confirmed_at"] else None,
        port=one["port_number"],
        price=_amount(one["price"]["total"]),
    )


def _wish(ask: Ask) -> Wish:
    return Wish(station_id=STATION_ID, start=ask.start, duration_min=ask.duration_min, port_number=ask.port)


def _body(ask: Ask, card: str | None) -> dict[str, Any]:
    body = {"station_id": STATION_ID, "start": ask.start.isoformat(), "duration_min": ask.duration_min, "card": card}
    return {name: value for name, value in (body | {"port_number": ask.port}).items() if value is not None}


def _token(ground: Ground, name: str) -> dict[str, str]:
    token = secrets.new_secret()
    with ground.database.writing() as session:
        unlimited = update(ClientRow).where(ClientRow.key_id == "demo").values(requests_per_min=10**9)
        client = session.execute(unlimited.returning(ClientRow.id)).scalar_one()
        until = BEGINNING + timedelta(days=365)
        row = TokenRow(token_hash=secrets.digest(token), driver_id=ground.drivers[name].driver_id, client_id=client)
        row.expires_at = until
        session.add(row)
    return {"Authorization": f"Bearer {token}"}


def _checked(answer: TestResponse) -> Any:
    """The body; where it is a problem, that is raised like the desk's own refusal."""
    if answer.status_code < 400:
        return answer.json
    refusal = Refusal(answer.json["detail"])
    refusal.code = answer.json["code"]  # type: ignore[misc]
    raise refusal


def _check_same(first: TestResponse, again: TestResponse) -> None:
    """What was done, or refused as a conflict, is answered to the byte; anything else is tried anew."""
    assert again.status_code == first.status_code
    is_kept = first.status_code < 400 or first.status_code == 409
    assert again.headers.get("Idempotency-Replayed") == ("true" if is_kept else None)
    assert again.data == first.data or not is_kept


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
