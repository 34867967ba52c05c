"""A crowd after a few ports: clients that hold, confirm, give up and, now and then, ask for what cannot be."""

import asyncio
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from faults.orders import HOLDS, PORTS, SLOTS, Entry, Order
from faults.wire import Heard, Line, Torn

MOST_KEPT = 3
MOST_HELD = 2  # below the limit on a driver's live holds
KEYED = 0.5  # the share of patient clients' holds that carry an Idempotency-Key
TRIES = 60
_END_OF = {"hold": "release", "confirm": "cancel"}


@dataclass(slots=True)
class _Client:
    """One client at work: what it has, oldest first, and what it took down."""

    order: Order
    line: Line = field(init=False)
    chance: Random = field(init=False)
    entries: list[Entry] = field(default_factory=list)
    has: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = Line(self.order.port, self.order.token)
        self.chance = Random(f"{self.order.seed} {self.order.number}")

    async def work(self) -> list[Entry]:
        for attempt in range(self.order.attempts):
            await self._make_room()
            held = await self._hold(attempt)
            if held is not None:
                self.has.append(held)
                if self.chance.random() < 0.6:
                    await self._confirm(held)
        for kept in self.has[:]:
            await self._give_up(kept)
        self.line.close()
        return self.entries

    async def _make_room(self) -> None:
        held = [one for one in self.has if one.deed == "hold"]
        if len(self.has) >= MOST_KEPT or len(held) >= MOST_HELD:
            await self._give_up(held[0] if len(held) >= MOST_HELD else self.has[0])

    async def _hold(self, attempt: int) -> Entry | None:
        """A hold of one to three slots, more often of the first ones than of the last."""
        first, port = int(SLOTS * self.chance.random() ** 2), self.chance.randint(1, PORTS)
        slots = range(first, min(SLOTS, first + self.chance.randint(1, 3)))
        wish = self.order.wish(port, first, len(slots))
        is_keyed = self.order.patient and self.chance.random() < KEYED
        key = f"{self.order.seed}-{self.order.number}-{attempt}" if is_keyed else None
        wanted = Entry(client=self.order.number, deed="hold", port=port, slots=slots, key=key)
        answer = await self._asked(wanted, HOLDS, wish, tries=TRIES if key else 1)
        if not answer.received or answer.code == "too_many_holds":
            await self._release_strays()
        return answer if answer.is_done else None

    async def _confirm(self, held: Entry) -> None:
        confirmed = await self._done("confirm", held)
        if confirmed.is_done:
            self.has[self.has.index(held)] = confirmed

    async def _give_up(self, kept: Entry) -> None:
        """Release a hold or cancel a reservation; then, now and then, confirm what is gone."""
        self.has.remove(kept)
        await self._done(_END_OF[kept.deed], kept)
        if self.chance.random() < 0.1:
            await self._done("confirm", kept)

    async def _done(self, deed: str, kept: Entry) -> Entry:
        wanted = replace(kept, deed=deed, key=None, received=None, status=None, code=None)
        return await self._asked(wanted, f"{HOLDS}/{kept.handle}/{deed}", None, tries=TRIES)

    async def _asked(self, wanted: Entry, path: str, body: object, *, tries: int) -> Entry:
        """What came of it, taken down for every try; a patient client tries again where that is not known."""
        for number in range(tries if self.order.patient else 1):
            entry = await self._tried(wanted, path, body)
            if entry.code == "request_in_flight":
                entry = replace(entry, received=None)
            self.entries.append(entry)
            if entry.received is not None:
                break
            await asyncio.sleep(min(1.0, 0.02 * 2**number) * self.chance.uniform(0.5, 1))
        return entry

    async def _tried(self, wanted: Entry, path: str, body: object) -> Entry:
        try:
            return wanted.told(await self.line.ask("POST", path, body, key=wanted.key))
        except Torn as torn:
            if not self.order.patient:
                raise
            return replace(wanted, sent=torn.sent)

    async def _release_strays(self) -> None:
        """Ask what the driver holds, and give up what this client does not know of."""
        if not self.order.patient:
            return
        for held in await self._held():
            if held["handle"] not in {one.handle for one in self.has}:
                stray = Entry(client=self.order.number, deed="hold", port=held["port_number"], slots=range(0))
                await self._done("release", replace(stray, handle=held["handle"]))

    async def _held(self) -> list[dict[str, Any]]:
        try:
            answer: Heard = await self.line.ask("GET", f"{HOLDS}?state=HELD&limit=200")
        except Torn:
            return []
        return list(answer.json["data"]) if answer.status == 200 else []


async def crowding(order: Order) -> list[Entry]:
    """What one client of the crowd took down."""
    return await _Client(order).work()
