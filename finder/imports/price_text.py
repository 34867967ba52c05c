"""Price text: the owner's words about a price turned into a tariff, where they can be understood to the cent."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from finder.domain.tariff import UNRESTRICTED, Component, Dimension, Element, Restrictions, Tariff, free

_HOUR_S = 3600
_WORDS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}

_AMOUNT = r"\$\s*(?P<amount>\d{1,4}(?:\.\d{1,4})?)"
_PER = r"\s*(?:per\s+|/\s*|an?\s+)"
_PER_TIME = rf"{_PER}(?P<unit>hours?|hrs?|minutes?|min)"
_HOURS = r"(?P<hours>\d{1,2})\s*(?:hours?|hrs?)"


@dataclass(frozen=True, slots=True)
class _Clause:
    """One part of a price text: what is counted, its price (per hour for time), and from or until which hour."""

    kind: str
    price: Decimal = Decimal(0)
    hours: int | None = None
    grace_min: int = 0


def _energy(found: re.Match[str]) -> _Clause:
    return _Clause("energy", Decimal(found["amount"]))


def _session(found: re.Match[str]) -> _Clause:
    return _Clause("session", Decimal(found["amount"]))


def _per_hour(found: re.Match[str]) -> Decimal:
    return Decimal(found["amount"]) * (60 if found["unit"].startswith("min") else 1)


def _time(found: re.Match[str]) -> _Clause:
    return _Clause("time", _per_hour(found))


def _idle(found: re.Match[str]) -> _Clause:
    return _Clause("idle", _per_hour(found), grace_min=int(found["grace"] or 0))


def _first(found: re.Match[str]) -> _Clause:
    return _Clause("first", _per_hour(found), int(found["hours"]))


def _free_first(found: re.Match[str]) -> _Clause:
    return _Clause("first", Decimal(0), int(found["hours"]))


def _after(found: re.Match[str]) -> _Clause:
    return _Clause("after", _per_hour(found), int(found["hours"]) if found["hours"] else None)


def _limit(found: re.Match[str]) -> _Clause:
    return _Clause("limit", hours=_WORDS.get(found["count"]) or int(found["count"]))


_GRACE = r"(?:\s+after\s+(?P<grace>\d{1,3})\s*min(?:ute)?s?)?"
_FORMS: tuple[tuple[str, Callable[[re.Match[str]], _Clause]], ...] = (
    (r"free(?:\s+of\s+charge)?", lambda _: _Clause("free")),
    (rf"{_AMOUNT}{_PER}kwh", _energy),
    (rf"{_AMOUNT}\s*(?:per\s+session|(?:session|initiation|connection|activation)\s+fee)", _session),
    (rf"{_AMOUNT}{_PER_TIME}", _time),
    (rf"{_AMOUNT}{_PER_TIME}\s+idl(?:e|ing)(?:\s+fee|\s+time)?{_GRACE}", _idle),
    (rf"idle\s+fee:?\s*(?:of\s+)?{_AMOUNT}{_PER_TIME}{_GRACE}", _idle),
    (rf"{_AMOUNT}{_PER_TIME}\s+for\s+(?:the\s+)?first\s+{_HOURS}", _first),
    (rf"free\s+for\s+(?:the\s+)?first\s+{_HOURS}", _free_first),
    (rf"{_AMOUNT}{_PER_TIME}\s+(?:after\s+{_HOURS}|thereafter|afterwards?|following|after\s+that)", _after),
    (rf"(?P<count>\d{{1,2}}|{'|'.join(_WORDS)})[\s-]+(?:hours?|hrs?)\s+(?:limit|max(?:imum)?)", _limit),
)
_PATTERNS = tuple((re.compile(form, re.ASCII), read) for form, read in _FORMS)
_BETWEEN = re.compile(r"\s*(?:;|,(?!\d)|\+|\band\b|\bplus\b)\s*")


@lru_cache(maxsize=4096)
def tariff_from_text(text: str, currency: str) -> Tariff | None:
    """The tariff that a text states, e.g. `$1 per session; $0.39 per kWh; $5 per hour idle fee`; None where unknown.

    Every part of the text must be understood. Tax, ranges, donations, prices for some people only, a fee of unknown
    height: the whole price is unknown. A price per hour counts each hour connected, charging or not, unless the text
    names an idle fee of its own: so it becomes TIME and PARKING_TIME. `$` is the currency handed in.
    """
    parts = [part for part in _BETWEEN.split(text.strip().lower()) if part]
    clauses = [clause for part in parts if (clause := _clause(part))]
    kinds = {clause.kind: clause for clause in clauses}
    if not parts or len(kinds) != len(parts):
        return None
    limit = kinds.pop("limit", None)
    tariff = _tariff(kinds, currency)
    if tariff is None or limit is None or limit.hours is None:
        return tariff
    return replace(tariff, session_limit_min=limit.hours * 60)


def _clause(part: str) -> _Clause | None:
    for pattern, read in _PATTERNS:
        if found := pattern.fullmatch(part):
            return read(found)
    return None


def _tariff(kinds: dict[str, _Clause], currency: str) -> Tariff | None:
    if "free" in kinds or not kinds:
        return free(currency) if len(kinds) == 1 else None
    steps = _time_steps(kinds)
    if steps is None:
        return None
    idle = kinds.get("idle")
    stepped = [Element(tuple(_hourly(one, idle)), limits) for one, limits in steps if limits is not UNRESTRICTED]
    always = [
        *_priced(Dimension.FLAT, kinds.get("session")),
        *_priced(Dimension.ENERGY, kinds.get("energy")),
        *(component for one, limits in steps if limits is UNRESTRICTED for component in _hourly(one, idle)),
        *_priced(Dimension.PARKING_TIME, idle),
    ]
    elements = [*stepped, Element(tuple(always))] if always else stepped
    return Tariff(currency=currency, elements=tuple(elements), idle_grace_min=idle.grace_min if idle else 0)


def _time_steps(kinds: dict[str, _Clause]) -> Sequence[tuple[_Clause, Restrictions]] | None:
    """Prices per hour with the part of the stay that each is for; None where some part of the stay has no price."""
    whole, first, after = kinds.get("time"), kinds.get("first"), kinds.get("after")
    priced_otherwise = "energy" in kinds or "session" in kinds
    if first is None and after is None:
        return [(whole, UNRESTRICTED)] if whole else ([] if priced_otherwise else None)
    if after is None or (whole and first) or not (whole or first or priced_otherwise):
        return None
    if first and first.price == 0 and priced_otherwise:
        return None  # free of what: of the price per hour only, or of all of it?
    change = _hour_of_change(first, after)
    if change is None:
        return None
    before = first or whole
    early = [(before, Restrictions(max_duration_s=change * _HOUR_S))] if before else []
    return [*early, (after, Restrictions(min_duration_s=change * _HOUR_S))]


def _hour_of_change(first: _Clause | None, after: _Clause) -> int | None:
    """The hour at which the price per hour changes; None where it is not said or said in two ways."""
    said = {one.hours for one in (first, after) if one and one.hours}
    return said.pop() if len(said) == 1 else None


def _priced(dimension: Dimension, clause: _Clause | None) -> tuple[Component, ...]:
    return (Component(dimension, clause.price),) if clause else ()


def _hourly(clause: _Clause, idle: _Clause | None) -> list[Component]:
    dimensions = (Dimension.TIME,) if idle else (Dimension.TIME, Dimension.PARKING_TIME)
    return [Component(dimension, clause.price) for dimension in dimensions]
