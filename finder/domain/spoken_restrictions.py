"""When a price counts, in words: times, days, dates, and how long, how much, how strong."""

from collections.abc import Iterator
from decimal import Decimal

from finder.domain.spoken_values import day, length, number, weekdays
from finder.domain.tariff import Restrictions
from finder.domain.wall_clock import MIDNIGHT
from finder.domain.words import Words


def conditions(r: Restrictions, words: Words) -> str:
    """All that restricts a price but whom it is for; empty where it always counts."""
    return " ".join((*_calendar(r, words), *_amounts(r, words), *_loads(r, words)))


def _calendar(r: Restrictions, words: Words) -> Iterator[str]:
    if r.days_of_week:
        yield weekdays(r.days_of_week, words)
    if r.start_time is not None or r.end_time is not None:
        begin, end = (words.clock(shown or MIDNIGHT) for shown in (r.start_time, r.end_time))
        yield words.between_times.format(begin=begin, end=end)
    if r.start_date is not None:
        yield words.from_date.format(date=day(r.start_date, words))
    if r.end_date is not None:
        yield words.before_date.format(date=day(r.end_date, words))


def _amounts(r: Restrictions, words: Words) -> Iterator[str]:
    lengths = (None if s is None else length(s, words) for s in (r.min_duration_s, r.max_duration_s))
    energies = (_measured(kwh, "kWh", words) for kwh in (r.min_kwh, r.max_kwh))
    for least, most in (tuple(lengths), tuple(energies)):
        if least and most:
            yield words.between.format(least=least, most=most)
        elif most:
            yield words.up_to.format(amount=most)
        elif least:
            yield words.after.format(amount=least)


def _loads(r: Restrictions, words: Words) -> Iterator[str]:
    for least, below, unit in ((r.min_power, r.max_power, "kW"), (r.min_current, r.max_current, "A")):
        if least is not None:
            yield words.no_less_than.format(amount=_measured(least, unit, words))
        if below is not None:
            yield words.less_than.format(amount=_measured(below, unit, words))


def _measured(value: Decimal | None, unit: str, words: Words) -> str | None:
    return None if value is None else f"{number(value, words)} {unit}"
