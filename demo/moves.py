"""The moves of the demo network: what its made-up ports say at a moment, as a pure function of the time.

A port's time runs in rounds of 58 to 83 minutes. A busy round holds one car: free, preparing, charging, perhaps paused
or completed, finishing, free again; the hour by the sun decides how likely that is. Now and then a port is out for
some hours, and some stations lose contact or never had it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from demo.cities import city_of
from demo.dice import drawn

SEED = 2026
HEARTBEAT_S = 480
DAY_S = 86_400
TROUBLE_S = 5 * 3600
NEVER_TALKED_PERMILLE = 6
LONG_GONE_PERMILLE = 8
LOSING_CONTACT_PERMILLE = 30
ERROR_CODES = (
    "GroundFailure",
    "ConnectorLockFailure",
    "HighTemperature",
    "EVCommunicationError",
    "PowerMeterFailure",
)
# How many of a hundred rounds see a car, for each hour of the day by the sun.
BUSY_PERCENT = (
    *(24, 18, 14, 14, 16, 26, 46, 72, 88, 92, 90, 88),
    *(92, 90, 86, 84, 88, 94, 96, 90, 76, 58, 44, 32),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One report that a demo port makes: a technical status, with the moment when it said so."""

    station_id: str
    port_number: int
    technical_status: str
    error_code: str | None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """A station's loss of contact: within every `cycle_s` it talks for `talks_s`; `phase_s` shifts the cycle."""

    cycle_s: int
    talks_s: int
    phase_s: int

    def begun(self, second: int) -> int | None:
        """The second when the silence around `second` began, None while the station talks."""
        into = (second + self.phase_s) % self.cycle_s
        return second - into + self.talks_s if into >= self.talks_s else None


@dataclass(frozen=True, slots=True)
class _Character:
    """What stays the same about a port: its key, its rhythm in seconds, the sun's lead over UTC, its silence."""

    key: str
    round_s: int
    phase_s: int
    beat_s: int
    sun_s: int
    mute: bool
    silence: Silence | None


def technical_status_at(station_id: str, port_number: int, moment: datetime, *, seed: int = SEED) -> str | None:
    """What the port says at the moment, one of the ten technical statuses; None while it says nothing."""
    port, second = _character(station_id, port_number, seed), _second(moment)
    return _said(port, second) if _talks(port, second) else None


def moves(now: datetime, ports: Iterable[tuple[str, int]], *, seed: int = SEED) -> list[Move]:
    """What is known of all ports at a moment: the present word of those that talk, the last word of the silent.

    Ports that never talked are left out. For the start, when nothing has been reported yet.
    """
    second = _second(now)
    known = [(port, _last_word(_character(*port, seed), second)) for port in ports]
    return [_move(port, said_at, seed) for port, said_at in known if said_at is not None]


def due(ports: Iterable[tuple[str, int]], previous: datetime, moment: datetime, *, seed: int = SEED) -> list[Move]:
    """The reports that ports make after `previous` and up to `moment`: their changes and their heartbeats.

    A port that talks reports at least every `HEARTBEAT_S` seconds and one tick, each at its own second.
    """
    before, second = _second(previous), _second(moment)
    return [_move(port, second, seed) for port in ports if _reports(_character(*port, seed), before, second)]


def _second(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def _reports(port: _Character, before: int, second: int) -> bool:
    if second <= before or not _talks(port, second):
        return False
    if (before + port.beat_s) // HEARTBEAT_S != (second + port.beat_s) // HEARTBEAT_S:
        return True
    return not _talks(port, before) or _said(port, before) != _said(port, second)


def _move(port: tuple[str, int], second: int, seed: int) -> Move:
    character = _character(*port, seed)
    status = _said(character, second)
    return Move(
        station_id=port[0],
        port_number=port[1],
        technical_status=status,
        error_code=_error_code(character, second) if status == "faulted" else None,
        reported_at=_EPOCH + timedelta(seconds=second),
    )


def _talks(port: _Character, second: int) -> bool:
    return not port.mute and (port.silence is None or port.silence.begun(second) is None)


def _last_word(port: _Character, second: int) -> int | None:
    if port.mute:
        return None
    begun = port.silence.begun(second) if port.silence else None
    return second if begun is None else begun - 1


def _said(port: _Character, second: int) -> str:
    return _trouble(port, second) or _in_round(port, second)


def _trouble(port: _Character, second: int) -> str | None:
    """Some hours out of order, updating, out of the network's sight or not configured: about one port in thirty."""
    chance = drawn(f"{port.key}|trouble|{(second + port.phase_s) // TROUBLE_S}") % 1000
    if chance >= 36:
        return None
    return ("faulted", "unavailable", "offline", "unknown")[(chance >= 16) + (chance >= 26) + (chance >= 32)]


def _error_code(port: _Character, second: int) -> str:
    spell = (second + port.phase_s) // TROUBLE_S
    return ERROR_CODES[drawn(f"{port.key}|error|{spell}") % len(ERROR_CODES)]


def _in_round(port: _Character, second: int) -> str:
    number, into = divmod(second + port.phase_s, port.round_s)
    dice = drawn(f"{port.key}|round|{number}")
    begun = second - into + port.sun_s
    if dice % 100 >= BUSY_PERCENT[begun % DAY_S // 3600]:
        return "available"
    for status, until in _visit(dice // 100, port.round_s):
        if into < until:
            return status
    return "available"


def _visit(dice: int, round_s: int) -> tuple[tuple[str, int], ...]:
    """The course of a round with a car: statuses, each with the second of the round at which it ends."""
    arrives = 60 + dice % (round_s // 6)
    plugged = arrives + 60 + dice // 7 % 120
    charged = plugged + round_s * 38 // 100 + dice // 11 % (round_s // 12)
    rests = charged + (300 + dice // 13 % 240 if dice // 17 % 3 else 0)
    after = "paused" if dice // 19 % 4 == 0 else "completed"
    return (
        ("available", arrives),
        ("preparing", plugged),
        ("charging", charged),
        (after, rests),
        ("finishing", rests + 60 + dice // 23 % 120),
    )


@cache
def _character(station_id: str, port_number: int, seed: int) -> _Character:
    key = f"{seed}|{station_id}|{port_number}"
    round_s = 3500 + drawn(f"{key}|length") % 1500
    permille = drawn(f"{seed}|{station_id}|contact") % 1000
    return _Character(
        key=key,
        round_s=round_s,
        phase_s=drawn(f"{key}|phase") % TROUBLE_S,
        beat_s=drawn(f"{key}|beat") % HEARTBEAT_S,
        sun_s=round(city_of(station_id).lon * 240),
        mute=permille < NEVER_TALKED_PERMILLE,
        silence=_silence(permille, drawn(f"{seed}|{station_id}|silence")),
    )


def _silence(permille: int, dice: int) -> Silence | None:
    """Gone for four weeks of five, or for 80 minutes of every three hours, or never."""
    if permille < NEVER_TALKED_PERMILLE + LONG_GONE_PERMILLE:
        return Silence(35 * DAY_S, 7 * DAY_S, dice % (35 * DAY_S))
    if permille < NEVER_TALKED_PERMILLE + LONG_GONE_PERMILLE + LOSING_CONTACT_PERMILLE:
        return Silence(3 * 3600, 100 * 60, dice % (3 * 3600))
    return None
