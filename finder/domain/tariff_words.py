"""A tariff in words: one plain paragraph that says every price, limit and time of it, in one of four languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from finder.domain.price_list import Price, PriceList, Prices, price_list
from finder.domain.spoken_restrictions import conditions
from finder.domain.spoken_values import length, moment, money, number
from finder.domain.tariff import Component, Dimension, Limit, PartLimits, Restrictions, Tariff
from finder.domain.words import Words
from finder.domain.words_de import GERMAN
from finder.domain.words_en import ENGLISH
from finder.domain.words_es import SPANISH
from finder.domain.words_fr import FRENCH
from kernel.errors import InvalidRequest
from kernel.money import exponent

_WORDS = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN}
LANGUAGES = tuple(_WORDS)


class UnknownLanguage(InvalidRequest):
    """Prices are told in English, Spanish, French and German only."""

    code = "unknown_language"


def tariff_in_words(tariff: Tariff | None, language: str, price_text: str | None = None) -> str:
    """The tariff as a person reads it, e.g. `$1.50 per hour from 8 am to 6 pm, otherwise $0.50 per hour`.

    Of several prices for one thing the first whose conditions hold counts; one behind a price without conditions
    never counts and is not told, nor is what costs nothing. Without a tariff the price is unknown, and the owner's
    own words `price_text` follow. Raises UnknownLanguage for any but `LANGUAGES`.
    """
    words = _WORDS.get(language)
    if words is None:
        raise UnknownLanguage
    clauses = _unknown(price_text, words) if tariff is None else _clauses(tariff, language, words)
    text = "; ".join(clauses)
    return text[:1].upper() + text[1:]


def _unknown(price_text: str | None, words: Words) -> Iterator[str]:
    yield words.unknown
    if price_text:
        yield words.owner_says.format(text=" ".join(price_text.split()))


def _clauses(tariff: Tariff, language: str, words: Words) -> Iterator[str]:
    found = price_list(tariff)
    voice = _Voice(words, tariff.currency, mixed_tax=len(found.rates) > 1)
    told = [*_charging(found, tariff, voice), *_reserving(found, voice)]
    yield from told or ([] if any(map(_costs, _least_of_stays(tariff))) else [words.free])
    taxed = any(found.rates)
    yield from voice.limits(tariff, taxed=taxed)
    for part in tariff.part_limits:
        where = _where(part.restrictions, words)
        yield from (f"{limit} {where}" for limit in voice.limits(part, taxed=taxed))
    if not voice.mixed_tax:
        yield from (voice.tax(rate) for rate in found.rates if rate is not None)
    yield from _terms(tariff, language, words)


def _least_of_stays(tariff: Tariff) -> Iterator[Limit | None]:
    yield tariff.min_price
    yield from (part.min_price for part in tariff.part_limits if part.restrictions.reservation is None)


def _where(r: Restrictions, words: Words) -> str:
    """Which part of the day, or of what, a limit is for."""
    whose = words.per_reservation if r.reservation else ""
    return " ".join(part for part in (whose, conditions(r, words)) if part)


def _costs(limit: Limit | None) -> bool:
    return limit is not None and bool(limit.excl_vat or limit.incl_vat)


def _charging(found: PriceList, tariff: Tariff, voice: "_Voice") -> Iterator[str]:
    words, grace_min = voice.words, tariff.idle_grace_min
    together = not grace_min and found.charging_is_idling
    yield from voice.told(found.time, words.per_hour_connected if together else words.per_hour)
    yield from voice.told(found.energy, words.per_kwh)
    yield from voice.told(found.flat, words.per_session)
    if together:
        return
    label = words.idle_after.format(length=length(grace_min * 60, words)) if grace_min else words.idle
    yield from voice.told(found.parking, words.per_hour, label)


def _reserving(found: PriceList, voice: "_Voice") -> Iterator[str]:
    words, once = voice.words, "{price}"
    yield from voice.told(found.reservation, once, words.reservation)
    yield from voice.told(found.reserved_energy, words.per_kwh, words.reserved_energy)
    yield from voice.told(found.reserved_time, words.per_hour, words.reserved_time)
    yield from voice.told(found.expiry, once, words.unused_reservation)
    yield from voice.told(found.expired_time, words.per_hour, words.unused_reserved_time)


def _terms(tariff: Tariff, language: str, words: Words) -> Iterator[str]:
    if tariff.session_limit_min is not None:
        yield _longest(tariff.session_limit_min, words)
    for part in tariff.part_limits:
        if part.session_limit_min is not None:
            yield f"{_longest(part.session_limit_min, words)} {_where(part.restrictions, words)}"
    if tariff.valid_from is not None:
        yield words.valid_from.format(moment=moment(tariff.valid_from, words))
    if tariff.valid_until is not None:
        yield words.valid_until.format(moment=moment(tariff.valid_until, words))
    if tariff.alt_text:
        texts = [text for tag, text in tariff.alt_text if tag.lower().split("-")[0] == language]
        text = texts[0] if texts else tariff.alt_text[0][1]
        yield words.quoted.format(text=" ".join(text.split()))
    if tariff.alt_url is not None:
        yield words.see.format(url=tariff.alt_url)


def _longest(minutes: int, words: Words) -> str:
    return words.longest_stay.format(length=length(minutes * 60, words))


@dataclass(frozen=True, slots=True)
class _Voice:
    """Says prices in one language and currency; with `mixed_tax` each with its own rate."""

    words: Words
    currency: str
    mixed_tax: bool

    def told(self, prices: Prices, unit: str, label: str = "") -> Iterator[str]:
        """One clause for all prices of one thing, or none."""
        if not prices:
            return
        text = self._price(prices[0], unit)
        for before, one in pairwise(prices):
            link = self.words.then if _only_up_to(before.when) else self.words.otherwise
            text += f", {link} {self._price(one, unit)}"
        yield f"{label} {text}".strip()

    def _price(self, price: Price, unit: str) -> str:
        parts = (self._amount(price.component, unit), conditions(price.when, self.words))
        return " ".join(part for part in parts if part)

    def _amount(self, component: Component, unit: str) -> str:
        if not component.price:
            return self.words.free
        parts = [self._per_unit(component, unit)]
        if component.step_size > 1 and component.dimension is not Dimension.FLAT:
            parts.append(self.words.blocks.format(size=self._size(component)))
        if self.mixed_tax:
            parts.append(f"({self.tax(component.vat)})")
        return " ".join(parts)

    def _per_unit(self, component: Component, unit: str) -> str:
        """Idle time per minute, as it is usually told, where that is a whole number of coins."""
        coins = Fraction(component.price) * 10 ** exponent(self.currency)
        if component.dimension is not Dimension.PARKING_TIME or coins % 60:
            return unit.format(price=money(component.price, self.currency, self.words))
        return self.words.per_minute.format(price=money(component.price / 60, self.currency, self.words))

    def _size(self, component: Component) -> str:
        if component.dimension is Dimension.ENERGY:
            return f"{number(Decimal(component.step_size) / 1000, self.words)} kWh"
        return length(component.step_size, self.words)

    def limits(self, of: Tariff | PartLimits, *, taxed: bool) -> Iterator[str]:
        """The least and the greatest price, where there are any."""
        for limit, template in ((of.min_price, self.words.at_least), (of.max_price, self.words.at_most)):
            if limit is not None:
                yield template.format(price=self._limit(limit, taxed=taxed))

    def _limit(self, limit: Limit, *, taxed: bool) -> str:
        """A least or greatest price, with what it says of tax."""
        before = money(limit.excl_vat, self.currency, self.words)
        if limit.incl_vat is None:
            return self.words.before_tax.format(price=before) if taxed else before
        after = money(limit.incl_vat, self.currency, self.words)
        return self.words.before_and_after_tax.format(before=before, after=after)

    def tax(self, rate: Decimal | None) -> str:
        if rate is None:
            return self.words.no_vat
        return self.words.plus_vat.format(rate=number(rate, self.words))


def _only_up_to(when: Restrictions) -> bool:
    """Whether a price ends with the stay's length or energy only, so that the next one comes after it."""
    return when in (Restrictions(max_duration_s=when.max_duration_s), Restrictions(max_kwh=when.max_kwh))
