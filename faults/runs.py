"""What a run is asked and what it found."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DIALECTS = ("sqlite", "postgresql")
_SHARED = {
    **dict.fromkeys(("unlocked", "unchecked", "lying", "forgetful,unchecked"), "forgetful,unchecked"),
    **dict.fromkeys(("uncounted", "naive"), "naive,uncounted"),
    **dict.fromkeys(("trusting", "dependent"), "dependent,trusting"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a run is to be done. `None` leaves a figure to the run; `short` asks for the smallest that still tells."""

    seed: int = 1
    database: str | None = None
    short: bool = False
    runs: int | None = None
    attempts: int | None = None

    def broken(self, fault: str) -> str:
        """The faults of the control: the one named, or in a short run several at once, to start fewer servers."""
        return _SHARED.get(fault, fault) if self.short else fault

    def databases(self, *usual: str) -> tuple[str, ...]:
        """The databases to run on: the one asked for, or else the usual ones."""
        return (self.database,) if self.database else (usual or DIALECTS)


@dataclass(slots=True)
class Findings:
    """The figures of a run, and of what it had to show what it did not."""

    figures: dict[str, Any] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def demand(self, told: str, is_met: bool) -> None:
        """Take down what was not met; a bar that is missed and a control that did not fail count alike."""
        if not is_met:
            self.missed.append(told)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what does it, the line that tells what it is, and its bar in words."""

    work: Callable[..., Findings]
    told: str
    bar: str


def say(progress: str) -> None:
    """Progress, on stderr."""
    print(f"faults: {progress}", file=sys.stderr, flush=True)
