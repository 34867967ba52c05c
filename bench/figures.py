"""Draws what near-1m found: cost and memory against the number of stations, with the goals, as SVG."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DIRECTORY = Path(__file__).resolve().parent / "figures"
NEAR_1M = DIRECTORY / "near-1m.jsonl"
GROWTH_GOAL = 1.5  # times the p50 of the smallest catalogue
MEMORY_GOAL_MIB = 600
_UNDATED = {"Date": None, "Creator": None}
_GOAL: dict[str, Any] = {"color": "tab:red", "linestyle": "--", "linewidth": 1}


def draw(lines: Path = NEAR_1M) -> None:
    """The JSON lines of near-1m as a picture of the same name in bench/figures; equal lines are equal bytes."""
    picture = DIRECTORY / lines.with_suffix(".svg").name
    write_picture([json.loads(line) for line in lines.read_text().splitlines()], picture)
    print(picture)


def write_picture(found: Sequence[dict[str, Any]], picture: Path) -> None:
    """Cost on the left, memory on the right; one line of near-1m for each size, the smallest first."""
    with rc_context({"svg.hashsalt": "portside", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        cost, memory = figure.subplots(1, 2)
        _draw_cost(cost, found)
        _draw_memory(memory, found)
        figure.savefig(picture, format="svg", metadata=_UNDATED)


def _draw_cost(axes: Axes, found: Sequence[dict[str, Any]]) -> None:
    sizes = [one["stations"] for one in found]
    for name in ("p99_ms", "p50_ms"):
        axes.plot(sizes, [one[name] for one in found], marker="o", label=name.removesuffix("_ms"))
    goal = GROWTH_GOAL * found[0]["p50_ms"]
    axes.axhline(goal, label=f"goal for p50: {GROWTH_GOAL} × that of {sizes[0]:,}", **_GOAL)
    _label(axes, sizes, "One search, one caller at a time (ms)")


def _draw_memory(axes: Axes, found: Sequence[dict[str, Any]]) -> None:
    sizes = [one["stations"] for one in found]
    axes.plot(sizes, [max(one["worker_rss_mib"]) for one in found], marker="o", label="the larger web worker")
    axes.axhline(MEMORY_GOAL_MIB, label=f"goal: {MEMORY_GOAL_MIB} MiB", **_GOAL)
    _label(axes, sizes, "Memory of a web worker (MiB)")


def _label(axes: Axes, sizes: Sequence[int], title: str) -> None:
    least, most = axes.dataLim.intervaly
    axes.set(xscale="log", yscale="log", xlabel="stations", title=title, ylim=(least / 2, most * 4))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xticks(sizes)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True, which="both", linewidth=0.3)
    axes.legend(loc="upper left", fontsize="small")
