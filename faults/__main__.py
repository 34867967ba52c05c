"""`./dev faults [NAME]`: does one run; its figures go to stdout as one JSON line, progress to stderr."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from faults import (
    baseless,
    breaks,
    bugs,
    cacheless,
    chaos,
    expiry,
    flaky,
    herd,
    hoard,
    holds,
    hotspot,
    idem,
    lin,
    login,
)
from faults.ground import ground
from faults.runs import DIALECTS, Asked, Run
from tests.in_memory import in_memory
from tests.postgres import NoPostgres

RUNS: dict[str, Run] = {
    "holds": holds.RUN,
    "breaks": breaks.RUN,
    "bugs": bugs.RUN,
    "hotspot": hotspot.RUN,
    "expiry": expiry.RUN,
    "chaos": chaos.RUN,
    "flaky": flaky.RUN,
    "lin": lin.RUN,
    "login": login.RUN,
    "hoard": hoard.RUN,
    "idem": idem.RUN,
    "cache": cacheless.RUN,
    "database": baseless.RUN,
    "herd": herd.RUN,
}


class _OneLine(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        print(f"faults: {message}", file=sys.stderr)
        sys.exit(2)


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when the bar is met, 1 when not or when a control did not fail, 2 when there is no such run."""
    if not arguments:
        for name, run in RUNS.items():
            print(f"{name:10} {run.told}")
        return 0
    name, asked = _read(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and their directories go
    began = time.monotonic()
    run = RUNS[name]
    try:
        with ground(workers=2, folder=in_memory()) if asked.short else ground(workers=4) as standing:
            found = run.work(asked, standing)
    except NoPostgres as reason:
        print(f"faults: {reason}", file=sys.stderr)
        return 2
    told = {"name": name, "passed": not found.missed, "seed": asked.seed, "short": asked.short, "bar": run.bar}
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({**told, "missed": found.missed, **found.figures, "seconds": seconds}), flush=True)
    return 1 if found.missed else 0


def _read(arguments: Sequence[str]) -> tuple[str, Asked]:
    parser = _OneLine(prog="./dev faults", description="Race and fault runs; without a name they are listed.")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=DIALECTS, help="left out: both, where that says more")
    parser.add_argument("--short", action="store_true", help="the version of the test suite")
    parser.add_argument("--runs", type=_count, help="how often, where a run repeats itself")
    parser.add_argument("--attempts", type=_count, help="how many attempts, keys, flows or histories")
    given = vars(parser.parse_args(arguments))
    name = given.pop("name")
    if name not in RUNS:
        parser.error(f"there is no run {name!a}; there are: {', '.join(RUNS)}")
    return name, Asked(**given)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!a} is not a number of 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
