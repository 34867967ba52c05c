"""ChargePrices: what a charge that a search asks about costs at each port, reckoned once for all that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from finder.columns import Rows
from finder.domain.estimate import Estimate
from finder.domain.pricing import estimate
from finder.domain.ranking import LAST, by_price
from finder.domain.tariff import Tariff
from finder.domain.usage import Question, usage_of
from finder.filters import ports_of
from finder.snapshot import Snapshot
from finder.station_columns import Entry

_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class _Alike:
    """Ports that cost the same: of one price list, zone, power and current, for one charge.

    Stations share the very same tariff object, so its identity is hashed instead of all its prices.
    """

    tariff_key: int
    tariff: Tariff | None = field(hash=False)
    time_zone: str
    power_kw: float | None
    current_a: float | None
    charge: Question


class ChargePrices:
    """Reckons prices for searches. Stations share price lists, so one reckoning serves many."""

    def __init__(self) -> None:
        self._reckoned = lru_cache(maxsize=_REMEMBERED)(_reckon)

    def of(self, entry: Entry, charge: Question) -> Sequence[Estimate]:
        """An estimate per port, in their order. `charge.start` must be given."""
        tariff = entry.tariff
        return [
            self._reckoned(_Alike(id(tariff), tariff, entry.time_zone, power_kw, current_a, charge))
            for power_kw, current_a in entry.draws
        ]

    def cheapest(self, snapshot: Snapshot, rows: Rows, charge: Question) -> npt.NDArray[np.float64]:
        """What the charge costs at each station's cheapest port; `LAST` where no price is known."""
        owner, own = ports_of(snapshot, rows)
        kinds, kind_of = np.unique(snapshot.columns.ports["alike"][own], return_inverse=True)
        amounts = np.array([self._amount(snapshot, kind, charge) for kind in kinds.tolist()], np.float64)
        least = np.full(len(rows), LAST)
        np.minimum.at(least, owner, amounts[kind_of])
        return least

    def _amount(self, snapshot: Snapshot, kind: int, charge: Question) -> float:
        columns = snapshot.columns
        tariff_code, zone_code, power_kw, current_a = columns.ports.alike.values[kind]
        tariff, zone = columns.tariff(tariff_code), columns.words["time_zone"].values[zone_code]
        return by_price([self._reckoned(_Alike(id(tariff), tariff, zone, power_kw, current_a, charge)).total])


def _reckon(alike: _Alike) -> Estimate:
    charge = alike.charge
    assert charge.start is not None  # noqa: S101 - the search sets it
    usage, assumptions = usage_of(charge, alike.power_kw, charge.start, port_current_a=alike.current_a)
    return estimate(alike.tariff, alike.time_zone, usage, assumptions)


def to_the_minute(moment: datetime) -> datetime:
    """The start of a charge that begins now, the same for all who ask within a minute."""
    return moment.replace(second=0, microsecond=0)
