"""Tariffs in French."""

from datetime import time

from finder.domain.words import Words, seconds_of


def _clock(shown: time) -> str:
    exact = seconds_of(shown, " min ")
    minutes = f" {shown.minute:02}{exact}{' s' if exact else ''}" if shown.minute or exact else ""
    return f"{shown.hour} h{minutes}"


FRENCH = Words(
    decimal_sign=",",
    thousands_sign="\u202f",
    symbol_first=False,
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    date="{day} {month} {year}",
    first_of_month="1er",
    moment="{date} à {time} UTC",
    clock=_clock,
    hours=("heure", "heures"),
    minutes=("minute", "minutes"),
    seconds=("seconde", "secondes"),
    and_="et",
    unknown="prix inconnu",
    owner_says="le propriétaire de la station indique\u00a0: «\u00a0{text}\u00a0»",
    free="gratuit",
    per_kwh="{price} par kWh",
    per_session="{price} par session",
    per_hour="{price} par heure",
    per_hour_connected="{price} par heure de branchement",
    per_minute="{price} par minute",
    idle="temps sans charge",
    idle_after="temps sans charge au-delà de {length}",
    reservation="frais de réservation",
    reserved_energy="énergie réservée",
    reserved_time="temps réservé",
    unused_reservation="frais pour réservation non utilisée",
    unused_reserved_time="temps réservé non utilisé",
    otherwise="sinon",
    then="ensuite",
    blocks="par tranches de {size}",
    at_least="{price} au minimum",
    at_most="{price} au maximum",
    before_tax="{price} hors taxes",
    before_and_after_tax="{before} hors taxes et {after} toutes taxes comprises",
    plus_vat="plus {rate}\u00a0% de TVA",
    no_vat="non soumis à la TVA",
    longest_stay="durée de {length} au maximum",
    per_reservation="par réservation",
    valid_from="valable à partir du {moment}",
    valid_until="valable jusqu'au {moment}",
    quoted="«\u00a0{text}\u00a0»",
    see="voir {url}",
    between_times="de {begin} à {end}",
    from_date="à partir du {date}",
    before_date="avant le {date}",
    day_range="du {first} au {last}",
    day_list="les {days}",
    up_to="jusqu'à {amount}",
    after="au-delà de {amount}",
    between="entre {least} et {most}",
    no_less_than="à {amount} ou plus",
    less_than="à moins de {amount}",
)
