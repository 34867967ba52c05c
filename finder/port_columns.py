"""What the search knows of each port: whose it is is a number of its own, what it is a code that many ports share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from finder.columns import Array, Codes, Columns, Mask, Rows, turned
from finder.domain.connectors import STANDARDS
from finder.domain.station import Level, Mode, Port
from finder.indexed import PortRecord

LEVELS = {level.value: number for number, level in enumerate(Level, 1)}
MODES = {mode.value: number for number, mode in enumerate(Mode, 1)}
_CONNECTOR_BITS = {name: 1 << number for number, name in enumerate(STANDARDS)}
_LEVEL = dict(enumerate(Level, 1))
_MODE = dict(enumerate(Mode, 1))

_OWN = {"port_id": "i4", "port_number": "i1", "build": "i1", "alike": "i1"}
_BUILD = {
    "level": "u1",
    "mode": "u1",
    "voltage_v": "f8",
    "current_a": "f8",
    "power_kw": "f8",
    "reservable": "?",
    "connectors": "u4",
}
# What ports that cost the same for the same charge share: codes of their tariff and time zone, power (kW), current (A).
Alike = tuple[int, int, float | None, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """A column of what ports share: the values of rows are looked up by their codes."""

    codes: Array
    values: Array

    def __getitem__(self, rows: Any) -> Any:
        return self.values[self.codes[rows]]


@dataclass(slots=True, eq=False)
class PortColumns:
    """Rows are only ever added, by one thread; any number reads."""

    own: Columns = field(default_factory=lambda: Columns(_OWN))
    builds: Columns = field(default_factory=lambda: Columns(_BUILD))
    codes: Codes[tuple[Any, ...]] = field(default_factory=Codes)  # of builds
    alike: Codes[Alike] = field(default_factory=Codes)

    @property
    def count(self) -> int:
        """How many ports there are."""
        return self.own.count

    def __getitem__(self, name: str) -> Array | Shared:
        """A column, by rows."""
        return Shared(self.own["build"], self.builds[name]) if name in _BUILD else self.own[name]

    def passing(self, name: str, rows: Rows, test: Callable[[Array], Mask]) -> Mask:
        """Which of these ports pass a test of a column, which is held once for each build."""
        if name not in _BUILD:
            return test(self.own[name][rows])
        passed: Mask = test(self.builds[name][: self.builds.count])[self.own["build"][rows]]
        return passed

    def append(self, ports: Sequence[Sequence[Any]], tariffs: Sequence[int], zones: Sequence[int]) -> None:
        """Add ports, as `PortRecord` has them, each with the codes of its station's tariff and time zone."""
        if not ports:
            return
        column = turned(PortRecord._fields, ports)
        builds = list(zip(*(column[name] for name in _BUILD), strict=True))
        self._know(builds)
        self.own.append(
            {
                **{name: column[name] for name in ("port_id", "port_number")},
                "build": self.codes.of(builds),
                "alike": self.alike.of(zip(tariffs, zones, column["power_kw"], column["current_a"], strict=True)),
            }
        )

    def _know(self, builds: Sequence[tuple[Any, ...]]) -> None:
        """The values of new builds, before they have codes: a reader never finds a code without values."""
        new = [build for build in dict.fromkeys(builds) if self.codes.found(build) < 0]
        if not new:
            return
        column = turned(tuple(_BUILD), new)
        self.builds.append(
            {
                **{name: column[name] for name in ("voltage_v", "current_a", "power_kw", "reservable")},
                "level": [LEVELS.get(level or "", 0) for level in column["level"]],
                "mode": [MODES.get(mode or "", 0) for mode in column["mode"]],
                "connectors": [bits_of(orjson.loads(text)) for text in column["connectors"]],
            }
        )

    def port(self, row: int) -> Port:
        """The port of a row."""
        held = {name: self.builds[name][self.own["build"][row]].item() for name in _BUILD}
        return Port(
            port_number=int(self.own["port_number"][row]),
            level=_LEVEL.get(held["level"]),
            mode=_MODE.get(held["mode"]),
            voltage_v=known(held["voltage_v"]),
            current_a=known(held["current_a"]),
            power_kw=known(held["power_kw"]),
            reservable=held["reservable"],
            connectors=tuple(name for name, bit in _CONNECTOR_BITS.items() if held["connectors"] & bit),
        )

    def picked(self, rows: Rows) -> "PortColumns":
        """These ports, in this order, as columns of their own; codes stay what they are."""
        return replace(self, own=self.own.picked(rows))


def known(value: float) -> float | None:
    """A number, or None where there was none."""
    return None if value != value else value


def bits_of(names: Sequence[str]) -> int:
    """Connector standards as bits of one number."""
    return sum({_CONNECTOR_BITS[name] for name in names})
