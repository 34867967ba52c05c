"""The clients of the smaller runs, each a coroutine; light, since every process of clients reads it."""

import asyncio
import time
from dataclasses import replace
from random import Random
from typing import Any

from faults.orders import HOLDS, PORTS, SLOTS, Entry, Order
from faults.wire import Heard, Line

AIM_S = 0.03
_HIT = 0.6  # the share of confirms that should come in time
_SLOTS_AIMED_AT = 3


async def hoarding(order: Order) -> list[Entry]:
    """Hold a port of its own and, if it was had, give it up again, so many times."""
    line, entries = Line(order.port, order.token), list[Entry]()
    port, slot = order.number % PORTS + 1, order.number // PORTS % SLOTS
    for _ in range(order.attempts):
        held = await line.ask("POST", HOLDS, order.wish(port, slot))
        entry = Entry(client=order.number, deed="hold", port=port, slots=range(slot, slot + 1)).told(held)
        entries.append(entry)
        if entry.handle:
            await asyncio.sleep(0.05)
            given = await line.ask("POST", f"{HOLDS}/{entry.handle}/release")
            entries.append(replace(entry, deed="release").told(given))
    line.close()
    return entries


async def going(order: Order) -> list[Entry]:
    """Hold every window of port 1 in turn, and confirm what was had."""
    line, entries = Line(order.port, order.token), list[Entry]()
    for slot in range(order.attempts):
        wanted = Entry(client=order.number, deed="hold", port=1, slots=range(slot, slot + 1))
        held = wanted.told(await line.ask("POST", HOLDS, order.wish(1, slot)))
        entries.append(held)
        if held.is_done:
            confirmed = await line.ask("POST", f"{HOLDS}/{held.handle}/confirm")
            entries.append(replace(held, deed="confirm").told(confirmed))
    line.close()
    return entries


async def aiming(order: Order) -> list[Entry]:
    """Hold, confirm around the moment of expiry, cancel; until the time (`attempts` seconds) is over."""
    line, chance, entries = Line(order.port, order.token), Random(f"{order.seed} {order.number}"), list[Entry]()
    until, ahead_s = time.monotonic() + order.attempts, -1.0
    while time.monotonic() < until:
        port, slot = chance.randint(1, PORTS), chance.randrange(_SLOTS_AIMED_AT)
        wanted = Entry(client=order.number, deed="hold", port=port, slots=range(slot, slot + 1))
        held = wanted.told(await line.ask("POST", HOLDS, order.wish(port, slot)))
        entries.append(held)
        if held.expires is None:
            await asyncio.sleep(0.02)
            continue
        if ahead_s < 0:  # a confirm takes about as long as a hold
            ahead_s = (held.received or 0) / 1e9 - held.sent / 1e9
        wait_s = held.expires / 1e9 - time.monotonic() + chance.uniform(-AIM_S, AIM_S) - ahead_s
        await asyncio.sleep(max(0.0, wait_s))
        confirmed = replace(held, deed="confirm").told(await line.ask("POST", f"{HOLDS}/{held.handle}/confirm"))
        entries.append(confirmed)
        step_s = max(AIM_S, 0.2 * ahead_s)
        ahead_s = max(0.0, ahead_s + (step_s * -(1 - _HIT) if confirmed.is_done else step_s * _HIT))
        if confirmed.is_done:
            cancelled = await line.ask("POST", f"{HOLDS}/{held.handle}/cancel")
            entries.append(replace(held, deed="cancel").told(cancelled))
    line.close()
    return entries


async def repeating(order: Order) -> list[Heard]:
    """Ask sixteen times at once for the same hold with the same key; `request_in_flight` means to ask again."""
    lines = [Line(order.port, order.token) for _ in range(order.attempts)]
    wish, key = order.wish(None, order.number % SLOTS), f"{order.seed}-{order.number}"
    answers = await asyncio.gather(*(_answered(line, wish, key) for line in lines))
    for line in lines:
        line.close()
    return answers


async def _answered(line: Line, wish: dict[str, Any], key: str) -> Heard:
    while (answer := await line.ask("POST", HOLDS, wish, key=key)).code == "request_in_flight":
        await asyncio.sleep(0.1)
    return answer
