"""Tariffs in words: every price, limit and time is told, in each language."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.domain.ocpi_tariff import tariff_from_ocpi
from finder.domain.tariff import (
    UNRESTRICTED,
    Component,
    Dimension,
    Element,
    Limit,
    PartLimits,
    ReservationKind,
    Restrictions,
    Tariff,
    free,
    simple,
)
from finder.domain.tariff_words import LANGUAGES, UnknownLanguage, tariff_in_words
from finder.domain.words import Words
from finder.domain.words_de import GERMAN
from finder.domain.words_en import ENGLISH
from finder.domain.words_es import SPANISH
from finder.domain.words_fr import FRENCH


def d(text: str) -> Decimal:
    return Decimal(text)


def an_element(kind: str, price: str, *, vat: str | None = None, step: int = 1, **restrictions: Any) -> dict[str, Any]:
    component = {"type": kind, "price": price, "vat": vat, "step_size": step}
    return {"price_components": [component], "restrictions": restrictions}


def a_tariff(*elements: dict[str, Any], currency: str = "USD", **more: Any) -> Tariff:
    return tariff_from_ocpi({"currency": currency, "elements": list(elements)} | more)


DAY_AND_NIGHT = a_tariff(
    an_element("TIME", "1.50", start_time="08:00", end_time="18:00"),
    an_element("TIME", "0.50"),
    an_element("PARKING_TIME", "24"),
    max_price={"excl_vat": "5"},
    idle_grace_min=15,
)
WITH_TAX = a_tariff(
    an_element("ENERGY", "0.395", vat="20", step=500, max_kwh="20"),
    an_element("ENERGY", "0.20", vat="20"),
    currency="EUR",
    min_price={"excl_vat": "1", "incl_vat": "1.2"},
)
RESERVING = a_tariff(
    an_element("FLAT", "2", reservation="RESERVATION"),
    an_element("TIME", "3", reservation="RESERVATION"),
    an_element("FLAT", "4", reservation="RESERVATION_EXPIRES"),
    an_element("TIME", "0", reservation="RESERVATION_EXPIRES"),
    currency="EUR",
)
DAY, NIGHT = {"start_time": "08:00", "end_time": "18:00"}, {"start_time": "18:00", "end_time": "08:00"}
BY_PART = a_tariff(
    an_element("TIME", "1.50"),
    part_limits=[
        {"restrictions": DAY, "min_price": {"excl_vat": 1}, "max_price": {"excl_vat": 6}},
        {"restrictions": NIGHT, "max_price": {"excl_vat": 2}, "session_limit_min": 720},
    ],
)
PER_RESERVATION = a_tariff(
    an_element("ENERGY", "0.30", reservation="RESERVATION"),
    part_limits=[{"restrictions": {"reservation": "RESERVATION"}, "min_price": {"excl_vat": 1}}],
)
TOLD = [
    (None, "en", "Price unknown"),
    (None, "es", "Precio desconocido"),
    (None, "fr", "Prix inconnu"),
    (None, "de", "Preis unbekannt"),
    (free("USD"), "en", "Free"),
    (free("USD"), "es", "Gratis"),
    (free("EUR"), "fr", "Gratuit"),
    (free("EUR"), "de", "Kostenlos"),
    (Tariff(currency="EUR"), "en", "Free"),
    (DAY_AND_NIGHT, "en", "$1.50 per hour from 8 am to 6 pm, otherwise $0.50 per hour; "
     "idle time after 15 minutes $0.40 per minute; $5.00 at most"),
    (DAY_AND_NIGHT, "es", "1,50\u00a0$ por hora de 8:00 a 18:00, en otro caso 0,50\u00a0$ por hora; "
     "tiempo sin cargar tras 15 minutos 0,40\u00a0$ por minuto; 5,00\u00a0$ como máximo"),
    (DAY_AND_NIGHT, "fr", "1,50\u00a0$ par heure de 8 h à 18 h, sinon 0,50\u00a0$ par heure; "
     "temps sans charge au-delà de 15 minutes 0,40\u00a0$ par minute; 5,00\u00a0$ au maximum"),
    (DAY_AND_NIGHT, "de", "1,50\u00a0$ pro Stunde von 8:00 bis 18:00 Uhr, sonst 0,50\u00a0$ pro Stunde; "
     "Standzeit ohne Laden nach 15 Minuten 0,40\u00a0$ pro Minute; höchstens 5,00\u00a0$"),
    (WITH_TAX, "en", "€0.395 per kWh in blocks of 0.5 kWh up to 20 kWh, then €0.20 per kWh; "
     "€1.00 before tax and €1.20 after tax at least; plus 20% VAT"),
    (WITH_TAX, "es", "0,395\u00a0€ por kWh en bloques de 0,5 kWh hasta 20 kWh, después 0,20\u00a0€ por kWh; "
     "1,00\u00a0€ sin impuestos y 1,20\u00a0€ con impuestos como mínimo; más 20 % de IVA"),
    (WITH_TAX, "fr", "0,395\u00a0€ par kWh par tranches de 0,5 kWh jusqu'à 20 kWh, ensuite 0,20\u00a0€ par kWh; "
     "1,00\u00a0€ hors taxes et 1,20\u00a0€ toutes taxes comprises au minimum; plus 20\u00a0% de TVA"),
    (WITH_TAX, "de", "0,395\u00a0€ pro kWh in Blöcken von 0,5 kWh bis 20 kWh, danach 0,20\u00a0€ pro kWh; "
     "mindestens 1,00\u00a0€ vor Steuern und 1,20\u00a0€ nach Steuern; zuzüglich 20 % MwSt."),
    (RESERVING, "en", "Reservation fee €2.00; reserved time €3.00 per hour; fee for an unused reservation €4.00; "
     "unused reserved time free"),
    (BY_PART, "en", "$1.50 per hour; $1.00 at least from 8 am to 6 pm; $6.00 at most from 8 am to 6 pm; "
     "$2.00 at most from 6 pm to 8 am; stay of at most 12 hours from 6 pm to 8 am"),
    (BY_PART, "es", "1,50\u00a0$ por hora; 1,00\u00a0$ como mínimo de 8:00 a 18:00; 6,00\u00a0$ como máximo de 8:00 a "
     "18:00; 2,00\u00a0$ como máximo de 18:00 a 8:00; estancia de 12 horas como máximo de 18:00 a 8:00"),
    (BY_PART, "fr", "1,50\u00a0$ par heure; 1,00\u00a0$ au minimum de 8 h à 18 h; 6,00\u00a0$ au maximum de 8 h à "
     "18 h; 2,00\u00a0$ au maximum de 18 h à 8 h; durée de 12 heures au maximum de 18 h à 8 h"),
    (BY_PART, "de", "1,50\u00a0$ pro Stunde; mindestens 1,00\u00a0$ von 8:00 bis 18:00 Uhr; "
     "höchstens 6,00\u00a0$ von 8:00 bis 18:00 Uhr; höchstens 2,00\u00a0$ von 18:00 bis 8:00 Uhr; "
     "höchstens 12 Stunden Aufenthalt von 18:00 bis 8:00 Uhr"),
    (PER_RESERVATION, "en", "Reserved energy $0.30 per kWh; $1.00 at least per reservation"),
    (PER_RESERVATION, "es", "Energía reservada 0,30\u00a0$ por kWh; 1,00\u00a0$ como mínimo por reserva"),
    (PER_RESERVATION, "fr", "Énergie réservée 0,30\u00a0$ par kWh; 1,00\u00a0$ au minimum par réservation"),
    (PER_RESERVATION, "de", "Reservierte Energie 0,30\u00a0$ pro kWh; mindestens 1,00\u00a0$ pro Reservierung"),
    (replace(free("USD"), part_limits=PER_RESERVATION.part_limits), "en", "Free; $1.00 at least per reservation"),
    (replace(free("USD"), part_limits=BY_PART.part_limits[:1]), "en",
     "$1.00 at least from 8 am to 6 pm; $6.00 at most from 8 am to 6 pm"),
    (simple("USD", per_session=d("2"), per_hour=d("1"), per_kwh=d("0.3")), "en",
     "$1.00 per hour; $0.30 per kWh; $2.00 per session"),
    (simple("USD", per_hour=d("1.50"), idle_per_hour=d("1.50")), "en", "$1.50 per hour plugged in"),
    (simple("USD", per_hour=d("1.50"), idle_per_hour=d("1.60")), "en", "$1.50 per hour; idle time $1.60 per hour"),
    (a_tariff(an_element("TIME", "0", max_duration=7200), an_element("TIME", "4")), "en",
     "Free up to 2 hours, then $4.00 per hour"),
    (a_tariff(an_element("FLAT", "1", day_of_week=["MONDAY", "TUESDAY", "WEDNESDAY"])), "en",
     "$1.00 per session Monday to Wednesday"),
    (a_tariff(an_element("FLAT", "1", day_of_week=["SATURDAY", "SUNDAY"])), "de",
     "1,00\u00a0$ pro Ladevorgang am Samstag und Sonntag"),
    (a_tariff(an_element("FLAT", "1", start_date="2026-01-01", end_date="2026-03-02")), "fr",
     "1,00\u00a0$ par session à partir du 1er janvier 2026 avant le 2 mars 2026"),
    (a_tariff(an_element("FLAT", "1", start_time="22:30")), "en", "$1.00 per session from 10:30 pm to midnight"),
    (a_tariff(an_element("FLAT", "1", end_time="12:00")), "fr", "1,00\u00a0$ par session de 0 h à 12 h"),
    (a_tariff(an_element("TIME", "1", min_duration=5400, max_duration=7200)), "en",
     "$1.00 per hour between 1 hour 30 minutes and 2 hours"),
    (a_tariff(an_element("ENERGY", "1", min_power="16", max_power="50")), "en",
     "$1.00 per kWh at 16 kW or more below 50 kW"),
    (a_tariff(an_element("TIME", "1", max_current="32")), "es", "1,00\u00a0$ por hora con menos de 32 A"),
    (a_tariff(an_element("TIME", "1", vat="20"), an_element("FLAT", "2")), "en",
     "$1.00 per hour (plus 20% VAT); $2.00 per session (no VAT)"),
    (a_tariff(an_element("TIME", "1", vat="20"), max_price={"excl_vat": "9"}), "en",
     "$1.00 per hour; $9.00 before tax at most; plus 20% VAT"),
    (Tariff(currency="USD", min_price=Limit(d("2"))), "en", "$2.00 at least"),
    (replace(free("USD"), session_limit_min=90), "en", "Free; stay of at most 1 hour 30 minutes"),
    (replace(free("USD"), valid_from=datetime(2026, 1, 5, 12, tzinfo=UTC)), "en",
     "Free; valid from January 5, 2026 at noon UTC"),
    (replace(free("USD"), valid_until=datetime(2026, 1, 1, 17, 30, tzinfo=UTC)), "fr",
     "Gratuit; valable jusqu'au 1er janvier 2026 à 17 h 30 UTC"),
    (replace(free("USD"), alt_text=(("en", "Be\n quick"), ("de-AT", "Schnell")), alt_url="https://a.example/"), "de",
     "Kostenlos; „Schnell“; siehe https://a.example/"),
    (simple("CHF", per_session=d("1234.5")), "en", "CHF\u00a01,234.50 per session"),
    (simple("CHF", per_session=d("1234.5")), "de", "1.234,50\u00a0CHF pro Ladevorgang"),
    (simple("JPY", per_session=d("500")), "en", "¥500 per session"),
    (simple("KWD", per_session=d("0.5")), "fr", "0,500\u00a0KWD par session"),
]  # fmt: skip


@pytest.mark.parametrize(("tariff", "language", "text"), TOLD)
def test_a_tariff_is_told(tariff: Tariff | None, language: str, text: str) -> None:
    assert tariff_in_words(tariff, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Price unknown; the station's owner says: “Ask at the desk”"),
        ("es", "Precio desconocido; el propietario de la estación dice: «Ask at the desk»"),
        ("fr", "Prix inconnu; le propriétaire de la station indique\u00a0: «\u00a0Ask at the desk\u00a0»"),
        ("de", "Preis unbekannt; der Betreiber der Station sagt: „Ask at the desk“"),
    ],
)
def test_where_the_price_is_unknown_the_owners_words_are_told(language: str, text: str) -> None:
    assert tariff_in_words(None, language, "Ask at the\ndesk") == text


def test_a_tariff_that_is_understood_needs_no_words_of_the_owner() -> None:
    assert tariff_in_words(free("USD"), "en", "Free!") == "Free"


def test_a_price_behind_one_that_always_counts_is_not_told() -> None:
    tariff = a_tariff(an_element("TIME", "1"), an_element("TIME", "9", max_duration=60))

    assert tariff_in_words(tariff, "en") == "$1.00 per hour"


def test_other_languages_are_refused() -> None:
    with pytest.raises(UnknownLanguage):
        tariff_in_words(None, "it")


@pytest.mark.parametrize("other", [SPANISH, FRENCH, GERMAN])
def test_every_language_says_all_that_english_says(other: Words) -> None:
    for template in fields(Words):
        english, text = getattr(ENGLISH, template.name), getattr(other, template.name)
        if isinstance(english, str):
            assert text
            assert names_in(text) == names_in(english)
        elif isinstance(english, tuple):
            assert len(set(text)) >= len(set(english)) - (template.name == "months")


def names_in(template: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


prices = st.decimals("0.01", 2000, places=2)
rates = st.none() | st.sampled_from([d("0"), d("5.5"), d("20")])
sizes = st.sampled_from([1, 60, 500, 900])
amounts = st.none() | st.decimals(1, 30, places=1)
clock_times = st.none() | st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
dates = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
moments = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
some_limits = st.none() | st.builds(Limit, prices, st.none() | prices)
conditions: dict[str, st.SearchStrategy[Any]] = {
    "start_time": clock_times,
    "end_time": clock_times,
    "start_date": dates,
    "end_date": dates,
    "min_kwh": amounts,
    "max_kwh": amounts,
    "min_current": amounts,
    "max_current": amounts,
    "min_power": amounts,
    "max_power": amounts,
    "min_duration_s": st.none() | st.integers(0, 9000),
    "max_duration_s": st.integers(1, 9000),
    "days_of_week": st.frozensets(st.integers(1, 7)),
}
restrictions = st.fixed_dictionaries(conditions)


_FOR = {
    None: tuple(Dimension),
    ReservationKind.RESERVATION: (Dimension.FLAT, Dimension.TIME, Dimension.ENERGY),
    ReservationKind.RESERVATION_EXPIRES: (Dimension.FLAT, Dimension.TIME),
}


@st.composite
def some_elements(draw: st.DrawFn) -> Element:
    """An element with conditions, so that none behind it is out of reach."""
    kind = draw(st.sampled_from([None, None, *ReservationKind]))
    dimensions = _FOR[kind]
    chosen = draw(st.lists(st.sampled_from(list(dimensions)), min_size=1, max_size=4, unique=True))
    components = tuple(draw(st.builds(Component, st.just(one), prices, sizes, rates)) for one in chosen)
    return Element(components, Restrictions(**draw(restrictions), reservation=kind))


@st.composite
def some_part_limits(draw: st.DrawFn) -> PartLimits:
    kind = draw(st.sampled_from([None, ReservationKind.RESERVATION]))
    when = Restrictions(start_time=time(draw(st.integers(1, 23))), end_time=draw(clock_times), reservation=kind)
    longest = draw(st.integers(1, 5000))
    return PartLimits(
        restrictions=when, min_price=draw(some_limits), max_price=draw(some_limits), session_limit_min=longest
    )


@st.composite
def rich_tariffs(draw: st.DrawFn) -> Tariff:
    always = draw(st.lists(st.builds(Component, st.sampled_from(Dimension), prices, sizes, rates), max_size=1))
    last = (Element(tuple(always), UNRESTRICTED),) if always else ()
    return Tariff(
        currency=draw(st.sampled_from(["USD", "EUR", "JPY", "KWD"])),
        elements=(*draw(st.lists(some_elements(), min_size=1, max_size=3)), *last),
        min_price=draw(some_limits),
        max_price=draw(some_limits),
        idle_grace_min=draw(st.integers(0, 100)),
        session_limit_min=draw(st.none() | st.integers(1, 5000)),
        part_limits=tuple(draw(st.lists(some_part_limits(), max_size=2))),
        valid_from=draw(moments),
        valid_until=draw(moments),
        alt_text=draw(st.sampled_from([(), (("en", "Quick"),)])),
        alt_url=draw(st.sampled_from([None, "https://a.example/"])),
    )


def changes(tariff: Tariff) -> Iterator[Tariff]:
    """The tariff with one thing changed, once for each thing that it is made of."""
    for number, element in enumerate(tariff.elements):
        for other in (*component_changes(element), *restriction_changes(element)):
            yield replace(tariff, elements=(*tariff.elements[:number], other, *tariff.elements[number + 1 :]))
    for number, part in enumerate(tariff.part_limits):
        for altered in part_changes(part):
            yield replace(
                tariff, part_limits=(*tariff.part_limits[:number], altered, *tariff.part_limits[number + 1 :])
            )
    yield replace(tariff, currency="GBP")
    yield from (replace(tariff, min_price=limit) for limit in limit_changes(tariff.min_price))
    yield from (replace(tariff, max_price=limit) for limit in limit_changes(tariff.max_price))
    if any(c.dimension is Dimension.PARKING_TIME for e in tariff.elements for c in e.components):
        yield replace(tariff, idle_grace_min=tariff.idle_grace_min + 1)
    yield replace(tariff, session_limit_min=(tariff.session_limit_min or 0) + 1)
    yield replace(tariff, valid_from=(tariff.valid_from or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1))
    yield replace(tariff, valid_until=(tariff.valid_until or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1))
    yield replace(tariff, alt_text=(("en", "Slow"),))
    yield replace(tariff, alt_url="https://b.example/")


def part_changes(part: PartLimits) -> Iterator[PartLimits]:
    when = part.restrictions
    other = None if when.reservation else ReservationKind.RESERVATION
    yield replace(part, restrictions=replace(when, reservation=other))
    yield replace(part, restrictions=replace(when, start_time=shifted(when.start_time)))
    yield replace(part, restrictions=replace(when, end_time=shifted(when.end_time)))
    yield replace(part, session_limit_min=(part.session_limit_min or 0) + 1)
    yield from (replace(part, min_price=limit) for limit in limit_changes(part.min_price))
    yield from (replace(part, max_price=limit) for limit in limit_changes(part.max_price))


def component_changes(element: Element) -> Iterator[Element]:
    for number, component in enumerate(element.components):
        others = [replace(component, price=component.price + d("0.01")), replace(component, price=d("0.004"))]
        others.append(replace(component, vat=d("21") if component.vat else d("7")))
        if component.dimension is not Dimension.FLAT:
            others.append(replace(component, step_size=component.step_size + 1))
        for other in others:
            components = (*element.components[:number], other, *element.components[number + 1 :])
            yield replace(element, components=components)


def restriction_changes(element: Element) -> Iterator[Element]:
    r = element.restrictions
    numbers = ("min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power")
    changed: dict[str, Any] = {name: (getattr(r, name) or 0) + d("0.1") for name in numbers}
    changed |= {name: (getattr(r, name) or 0) + 1 for name in ("min_duration_s", "max_duration_s")}
    changed |= {name: shifted(getattr(r, name)) for name in ("start_time", "end_time")}
    changed |= {name: (getattr(r, name) or date(2026, 1, 1)) + timedelta(days=1) for name in ("start_date", "end_date")}
    changed["days_of_week"] = r.days_of_week ^ {3}
    for name, value in changed.items():
        yield replace(element, restrictions=replace(r, **{name: value}))


def shifted(shown: time | None) -> time:
    return time(3, 7) if shown is None else shown.replace(minute=shown.minute + 1)


def limit_changes(limit: Limit | None) -> Iterator[Limit | None]:
    if limit is None:
        yield Limit(d("3"))
        return
    yield None
    yield replace(limit, excl_vat=limit.excl_vat + d("0.01"))
    yield replace(limit, incl_vat=(limit.incl_vat or d("9")) + d("0.01"))


@settings(max_examples=40, deadline=None)
@given(rich_tariffs())
def test_whatever_changes_in_a_tariff_changes_its_words(tariff: Tariff) -> None:
    for language in LANGUAGES:
        before = tariff_in_words(tariff, language)
        for changed in changes(tariff):
            assert tariff_in_words(changed, language) != before, changed


@settings(max_examples=40, deadline=None)
@given(rich_tariffs(), st.sampled_from(LANGUAGES))
def test_the_words_are_one_paragraph_without_gaps(tariff: Tariff, language: str) -> None:
    text = tariff_in_words(tariff, language)

    assert not any(sign in text for sign in ("{", "}", "\n", "  ", "None", "; ;", " ;"))
    assert text[0] == text[0].upper()
