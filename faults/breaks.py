"""C2: the same crowd on broken products; a break that nobody notices means that the other runs test nothing."""

from typing import Any

from faults.ground import Ground
from faults.holds import Seen, crowd
from faults.runs import Asked, Findings, Run, say

SEEDS = 5
ATTEMPTS = 960
SHORT_ATTEMPTS = 320
# What each break must be seen by; all without the database's guard but `unexpired`, which the guard makes worse.
BREAKS = {
    "postgresql": {"unlocked": "double", "brief,unexpired": "unfounded", "blind": "illegal"},
    "sqlite": {
        "unlocked": "locked or errors",
        "unchecked": "double",
        "brief,unexpired": "unfounded",
        "blind": "illegal",
    },
}


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    attempts = asked.attempts or (SHORT_ATTEMPTS if asked.short else ATTEMPTS)
    seeds = range(asked.seed, asked.seed + (asked.runs or (1 if asked.short else SEEDS)))
    for dialect in asked.databases():
        found.figures[dialect] = {
            fault: _broken(found, ground, dialect, fault, sign, seeds, attempts)
            for fault, sign in BREAKS[dialect].items()
        }
        sound = crowd(ground, dialect, attempts=attempts, seed=asked.seed, fault="brief")
        found.figures[dialect]["brief, not broken"] = _signs(sound)
        words = {word for sign in BREAKS[dialect].values() for word in sign.split(" or ")}
        shown = [word for word, count in _signs(sound).items() if word in words and count]
        found.demand(f"{dialect}: brief holds without a break show none of these signs, not {shown}", not shown)
    return found


def _broken(
    found: Findings, ground: Ground, dialect: str, fault: str, sign: str, seeds: range, attempts: int
) -> dict[str, Any]:
    """On how many seeds the break was seen, and by what."""
    signs = []
    for seed in seeds:
        say(f"breaks on {dialect}: {fault}, seed {seed}")
        signs.append(_signs(crowd(ground, dialect, attempts=attempts, seed=seed, fault=fault)))
    detected = sum(any(seen[word] for word in sign.split(" or ")) for seen in signs)
    found.demand(f"{dialect}: {fault} is detected on every seed", detected == len(seeds))
    return {"detected": f"{detected} of {len(seeds)}", "by": sign, "signs": signs}


def _signs(seen: Seen) -> dict[str, int]:
    return {
        "double": seen.double,
        "unfounded": seen.unfounded,
        "illegal": seen.illegal,
        "errors": seen.errors,
        "deadlocks": seen.deadlocks,
        "locked": seen.locked,
    }


RUN = Run(
    run,
    "the same crowd with lock, expiry or guarded moves off",
    "each break is detected on 5 of 5 seeds, and the sound product shows none of their signs",
)
