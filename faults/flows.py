"""The clients of a bad network: quote, hold, confirm, cancel, each asked again until there is an answer."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

from faults.orders import HOLDS, Order
from faults.wire import Heard, Line, Torn

RETRIES = 8
_READS = 100


@dataclass(slots=True)
class Flow:
    """What one client knows in the end: the reservation's handle and state, or the code of the refusal."""

    number: int
    outcome: str = "nothing"
    handle: str | None = None
    tries: list[int] = field(default_factory=list)
    asked_afterwards: bool = False


class GaveUp(Exception):
    """No answer after all retries."""


class _Client:
    """One flow. Keys make it safe to ask again; the control has none."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._line = Line(order.port, order.token)
        self._chance = Random(f"{order.seed} {order.number}")
        self.flow = Flow(order.number)

    async def work(self) -> Flow:
        try:
            await self._steps()
        except GaveUp:
            await self._ask_afterwards()
        self._line.close()
        return self.flow

    async def _steps(self) -> None:
        slot = self._order.attempts
        wish = self._order.wish(None, slot)
        quote = await self._answered("quote", "/v1/quotes", wish)
        if quote.status != 201:
            return
        held = await self._answered("hold", HOLDS, wish | {"quote_id": quote.json["quote_id"]})
        if held.status != 201:
            return
        self.flow.handle = held.json["handle"]
        for deed in ("confirm", "cancel"):
            if (await self._answered(deed, f"{HOLDS}/{self.flow.handle}/{deed}", None)).status != 200:
                return

    async def _answered(self, deed: str, path: str, body: dict[str, Any] | None) -> Heard:
        key = f"{self._order.seed}-{self._order.number}-{deed}" if self._order.has_keys else None
        for number in range(RETRIES + 1):
            try:
                heard = await self._line.ask("POST", path, body, key=key)
            except Torn:
                await asyncio.sleep(0.01 * self._chance.uniform(0.5, 1))
                continue
            if heard.code in ("request_in_flight", "temporarily_unavailable"):
                await asyncio.sleep(0.2)
                continue
            self.flow.tries.append(number + 1)
            self.flow.outcome = heard.code or heard.json.get("state", "QUOTED")
            return heard
        raise GaveUp

    async def _ask_afterwards(self) -> None:
        """What a client does who has had enough: looks at what is there, and lives with it."""
        self.flow.asked_afterwards = True
        for _ in range(_READS):
            try:
                heard = await self._line.ask("GET", f"{HOLDS}?limit=200")
            except Torn:
                continue
            if heard.status == 200:
                mine = heard.json["data"]
                self.flow.outcome = mine[0]["state"] if len(mine) == 1 else "nothing" if not mine else "several"
                self.flow.handle = mine[0]["handle"] if len(mine) == 1 else None
                return


async def flowing(order: Order) -> Flow:
    """What one client knows in the end of its one flow; `attempts` is the slot it wants."""
    return await _Client(order).work()


async def flowing_in_turn(orders: tuple[Order, ...]) -> list[Flow]:
    """Several flows of one client, one after the other."""
    return [await flowing(order) for order in orders]
