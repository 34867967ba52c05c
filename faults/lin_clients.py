"""The clients whose histories are checked: each holds and gives up slots of one port's block, history by history."""

from dataclasses import dataclass, field
from random import Random

from faults.linear import Op
from faults.orders import HOLDS, PORTS, SLOTS, Order
from faults.wire import Heard, Line

BLOCK = 4
BLOCKS = PORTS * SLOTS // BLOCK  # histories that do not touch one another in one day
FORGOTTEN = 0.03  # the share of answers that the client throws away, as if they had never come
_MOST_HELD = 2


@dataclass(slots=True)
class _Recorder:
    """One client in one history; `history` chooses the port and the block of slots."""

    order: Order
    history: int
    line: Line
    chance: Random
    ops: list[Op] = field(default_factory=list)
    has: list[tuple[Op, str]] = field(default_factory=list)

    async def work(self, steps: int) -> list[Op]:
        for _ in range(steps):
            is_full = len(self.has) >= _MOST_HELD
            if self.has and (is_full or self.chance.random() < 0.3):
                await self._give(*self.has.pop(0))
            else:
                await self._hold()
        for held in self.has:
            await self._give(*held)
        return self.ops

    async def _hold(self) -> None:
        port, block = self.history % PORTS + 1, self.history // PORTS * BLOCK
        first, length = block + self.chance.randrange(BLOCK), self.chance.randint(1, 2)
        slots = frozenset(range(first, min(first + length, block + BLOCK)))
        heard = await self.line.ask("POST", HOLDS, self.order.wish(port, first, len(slots)))
        if heard.status not in (201, 409):
            raise RuntimeError(f"a hold was answered {heard.status}: {heard.body!r}")
        held = self._took_down("hold", heard, slots, heard.received)
        if heard.status == 201 and held.ok is None:  # it may not be known, and still has to go
            await self._give(held, heard.json["handle"])
        elif heard.status == 201:
            self.has.append((held, heard.json["handle"]))

    async def _give(self, held: Op, handle: str) -> None:
        heard = await self.line.ask("POST", f"{HOLDS}/{handle}/release")
        self._took_down("give", heard, held.slots, held.hold_id, is_forgotten=held.ok is None)

    def _took_down(
        self, kind: str, heard: Heard, slots: frozenset[int], hold_id: int, *, is_forgotten: bool = False
    ) -> Op:
        """What is known of it: nothing, where the answer is thrown away. A hold is named by its moment."""
        ok: bool | None = heard.status in (200, 201)
        returned: int | None = heard.received
        if is_forgotten or self.chance.random() < FORGOTTEN:
            ok = returned = None
        self.ops.append(Op(kind, hold_id, slots, heard.sent, returned, ok))
        return self.ops[-1]


async def recording(order: Order) -> list[tuple[int, list[Op]]]:
    """What one client did in each of its histories: `attempts` steps in those that `histories` name."""
    line, chance = Line(order.port, order.token), Random(f"{order.seed} {order.number}")
    told = [(one, await _Recorder(order, one, line, chance).work(order.attempts)) for one in order.histories]
    line.close()
    return told
