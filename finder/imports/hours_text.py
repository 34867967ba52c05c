"""Hours text: the owner's words about opening hours turned into regular hours, where they can be understood."""

import re
from collections.abc import Sequence
from datetime import time
from functools import lru_cache

from finder.domain.opening_hours import OpeningHours, Regular

_EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
_DAY_NAMES = (
    ("m", "mo", "mon", "monday"),
    ("tu", "tue", "tues", "tuesday"),
    ("w", "we", "wed", "wednesday"),
    ("th", "thu", "thur", "thurs", "thursday"),
    ("f", "fr", "fri", "friday"),
    ("sa", "sat", "saturday"),
    ("su", "sun", "sunday"),
)
_WEEKDAYS = {name: number for number, names in enumerate(_DAY_NAMES, start=1) for name in names}
_GROUPS = {
    "daily": _EVERY_DAY,
    "every day": _EVERY_DAY,
    "7 days a week": _EVERY_DAY,
    "weekdays": (1, 2, 3, 4, 5),
    "weekends": (6, 7),
}

_DAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_DAYS = rf"(?P<days>{'|'.join(_GROUPS)}|(?:{_DAY})(?:\s*(?:-|to|thru|through)\s*(?:{_DAY}))?)"
_CLOCK = r"(?:\d{1,2}(?::\d{2})?\s*(?:am|pm)?|noon|midnight)"
_HOURS = rf"(?P<hours>24\s*hours|(?P<begin>{_CLOCK})\s*(?:-|to)\s*(?P<end>{_CLOCK}))"
_LEAD = r"(?:open\s+)?(?:during\s+)?(?:business\s+hours:?\s+)?"
_FORMS = (
    re.compile(rf"{_LEAD}{_HOURS}\s*,?\s+{_DAYS}", re.ASCII),
    re.compile(rf"{_LEAD}{_DAYS}:?\s+{_HOURS}", re.ASCII),
    re.compile(rf"(?P<days>){_HOURS}", re.ASCII),
)
_ALWAYS = re.compile(
    r"(?:open\s+)?24\s*(?:/\s*7|hours?(?:\s+(?:daily|a\s+day|every\s+day|7\s+days\s+a\s+week))?)", re.ASCII
)
_BETWEEN = re.compile(r"\s*(?:;|,|\.(?=\s|$))\s*")
_CONTRADICTION = re.compile(r"\b(?:closed|closes|except|unless|winter|summer|\d{1,2}\s*[ap]m|dusk|sunset)\b")


@lru_cache(maxsize=4096)
def hours_from_text(text: str) -> OpeningHours | None:
    """The hours that a text states, e.g. `8am-5pm M-F, 24 hours Sat-Sun`; None for an empty text.

    What is said beside the hours (`; customers only`) leaves them standing and keeps the whole text. A text that is
    not understood, or takes back a part of its hours, is kept as text alone. 11:59pm as an end means midnight, hours
    without days mean every day, as the source writes them.
    """
    text = text.strip()
    if not text:
        return None
    parts = [part for part in _BETWEEN.split(_plain(text)) if part]
    schedule: list[Regular] = []
    while parts and (regular := _regular(parts[0])):
        schedule += regular
        parts.pop(0)
    if not schedule or any(_CONTRADICTION.search(part) or _regular(part) for part in parts):
        return OpeningHours(text=text)
    rest = text if parts else None
    if set(schedule) >= {Regular(day, time(0), time(0)) for day in _EVERY_DAY}:
        return OpeningHours(twenty_four_seven=True, text=rest)
    return OpeningHours(regular=tuple(sorted(set(schedule), key=lambda one: (one.weekday, one.begin))), text=rest)


def _plain(text: str) -> str:
    """Lower case, one kind of dash, `a.m.` as `am`."""
    dashes = re.sub(r"[\u2010-\u2015]", "-", text.lower())
    return re.sub(r"\b([ap])\.m\.", r"\1m", dashes)


def _regular(part: str) -> tuple[Regular, ...]:
    """The hours of one part; empty where it states none."""
    if _ALWAYS.fullmatch(part):
        return tuple(Regular(day, time(0), time(0)) for day in _EVERY_DAY)
    for form in _FORMS:
        if found := form.fullmatch(part):
            span = _span(found)
            return tuple(Regular(day, *span) for day in _days(found["days"])) if span else ()
    return ()


def _days(words: str) -> Sequence[int]:
    if not words:
        return _EVERY_DAY
    if words in _GROUPS:
        return _GROUPS[words]
    first, *rest = (_WEEKDAYS[name] for name in re.findall(rf"\b(?:{_DAY})\b", words))
    last = rest[0] if rest else first
    return [(first + step - 1) % 7 + 1 for step in range((last - first) % 7 + 1)]


def _span(found: re.Match[str]) -> tuple[time, time] | None:
    """Begin and end; None where they are no times of day or morning and evening cannot be told apart."""
    if found["begin"] is None:
        return time(0), time(0)
    begin, end = _clock(found["begin"]), _clock(found["end"])
    if begin is None or end is None or (_bare(found["begin"]) and _bare(found["end"]) and end.hour <= 12):
        return None
    if _bare(found["begin"]) != _bare(found["end"]):
        return None
    return begin, time(0) if end == time(23, 59) else end


def _bare(word: str) -> bool:
    return word.strip()[-1].isdigit()


def _clock(word: str) -> time | None:
    if word in ("noon", "midnight"):
        return time(12 if word == "noon" else 0)
    hour, minute = (int(digits) for digits in re.findall(r"\d+", word + ":00")[:2])
    if not _bare(word):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if word.endswith("pm") else 0)
    return time(hour % 24, minute) if hour <= 24 and minute < 60 else None
