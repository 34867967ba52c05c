"""C9: bugs planted one at a time, each of which the model of reservations must find, or else it finds nothing."""

from collections.abc import Mapping
from typing import Any

from faults.ground import Ground
from faults.planted_moves import MOVE_BUGS
from faults.planted_sweeps import SWEEP_BUGS
from faults.planted_windows import WINDOW_BUGS
from faults.planting import Bug, planted
from faults.runs import Asked, Findings, Run, say
from tests.model.ground import standing
from tests.model.runs import hunt

BUGS: Mapping[str, Bug] = {**WINDOW_BUGS, **MOVE_BUGS, **SWEEP_BUGS}
SHORT = ("overlaps_let_through", "blind_moves", "sweep_tells_twice")
EXAMPLES, STEPS = 150, 40
SOUND_EXAMPLES, SHORT_SOUND_EXAMPLES = 150, 3


def run(asked: Asked, ground: Ground) -> Findings:
    found = Findings()
    names = SHORT if asked.short else tuple(BUGS)
    for dialect in asked.databases():
        bugs = {name: _hunted(ground, dialect, asked, BUGS[name], name) for name in names}
        missed = [name for name, told in bugs.items() if told["after_examples"] is None]
        found.figures[dialect] = {"found": f"{len(bugs) - len(missed)} of {len(bugs)}", "bugs": bugs}
        found.demand(f"{dialect}: every bug is found in {EXAMPLES} examples, not {missed}", not missed)
        sound = _hunted(ground, dialect, asked, _none, "no bug")
        found.figures[dialect]["sound"] = sound
        found.demand(f"{dialect}: nothing is found where there is no bug", sound["after_examples"] is None)
    return found


def _hunted(ground: Ground, dialect: str, asked: Asked, bug: Bug, name: str) -> dict[str, Any]:
    """After how many examples it was found, and what gave it away."""
    most = EXAMPLES
    if bug is _none:
        most = SHORT_SOUND_EXAMPLES if asked.short else SOUND_EXAMPLES
    with ground.database(dialect) as url, standing(url, ground.cache.url) as model, planted(model, bug):
        seen = hunt(model, examples=asked.attempts or most, steps=STEPS, first_seed=asked.seed)
    say(f"bugs on {dialect}: {name}: {f'found after {seen[0]} examples' if seen else 'nothing found'}")
    return {"after_examples": seen and seen[0], "said": seen and seen[1]}


def _none(_: object) -> None:
    """The product as it is."""


RUN = Run(
    run,
    f"{len(BUGS)} bugs planted in the reservations, hunted by the reference model (--attempts: the most examples)",
    f"each bug is found in {EXAMPLES} examples of {STEPS} steps; none is where there is none",
)
