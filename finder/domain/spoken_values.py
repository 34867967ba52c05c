"""Numbers, money, times and dates as a language writes them; two values are never written alike."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

from finder.domain.words import Words
from kernel.money import exponent

_NO_BREAK = "\u00a0"
_SYMBOLS = {
    "USD": "$",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "MXN": "MX$",
    "BRL": "R$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "KRW": "₩",
    "ILS": "₪",
    "PLN": "zł",
    "CZK": "Kč",
}


def number(value: Decimal | int, words: Words, *, places: int = 0) -> str:
    """Plain digits in groups, at least `places` decimals and no other trailing zeros: `1,234.50`."""
    whole, _, decimals = f"{Decimal(value):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    grouped = f"{int(whole):,}".replace(",", words.thousands_sign)
    return f"{grouped}{words.decimal_sign}{decimals}" if decimals else grouped


def money(amount: Decimal, currency: str, words: Words) -> str:
    """`$1.50`, `1,50 €`, `CHF 1.50`: with the ISO 4217 code where no symbol is the currency's own."""
    digits = number(amount, words, places=exponent(currency))
    symbol = _SYMBOLS.get(currency, currency)
    if not words.symbol_first:
        return f"{digits}{_NO_BREAK}{symbol}"
    return f"{symbol}{_NO_BREAK}{digits}" if symbol == currency else f"{symbol}{digits}"


def length(seconds: int, words: Words) -> str:
    """A length of time: `1 hour 30 minutes`."""
    minutes, rest = divmod(seconds, 60)
    counts = ((minutes // 60, words.hours), (minutes % 60, words.minutes), (rest, words.seconds))
    told = [_counted(count, names, words) for count, names in counts if count]
    return " ".join(told) or _counted(0, words.minutes, words)


def _counted(count: int, names: tuple[str, str], words: Words) -> str:
    return f"{number(count, words)} {names[0] if count == 1 else names[1]}"


def day(value: date, words: Words) -> str:
    """A date with its month in letters."""
    shown = words.first_of_month if value.day == 1 else str(value.day)
    return words.date.format(day=shown, month=words.months[value.month - 1], year=value.year)


def moment(value: datetime, words: Words) -> str:
    """A moment in UTC, which is said."""
    shown = value.astimezone(UTC)
    return words.moment.format(date=day(shown.date(), words), time=words.clock(shown.time()))


def weekdays(days: Iterable[int], words: Words) -> str:
    """ISO weekdays: three and more in a row as a range, else as a list."""
    in_order = sorted(days)
    names = [words.days[number_ - 1] for number_ in in_order]
    if len(in_order) > 2 and all(later - earlier == 1 for earlier, later in pairwise(in_order)):
        return words.day_range.format(first=names[0], last=names[-1])
    return words.day_list.format(days=_listed(names, words))


def _listed(names: Sequence[str], words: Words) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {words.and_} {names[-1]}"
