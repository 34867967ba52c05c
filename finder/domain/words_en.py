"""Tariffs in English: amounts and times as in the United States."""

from datetime import time

from finder.domain.words import Words, seconds_of


def _clock(shown: time) -> str:
    if shown == time(0):
        return "midnight"
    if shown == time(12):
        return "noon"
    half = "am" if shown.hour < 12 else "pm"
    exact = seconds_of(shown, ":")
    minutes = f":{shown.minute:02}{exact}" if shown.minute or exact else ""
    return f"{shown.hour % 12 or 12}{minutes} {half}"


ENGLISH = Words(
    decimal_sign=".",
    thousands_sign=",",
    symbol_first=True,
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    date="{month} {day}, {year}",
    first_of_month="1",
    moment="{date} at {time} UTC",
    clock=_clock,
    hours=("hour", "hours"),
    minutes=("minute", "minutes"),
    seconds=("second", "seconds"),
    and_="and",
    unknown="price unknown",
    owner_says="the station's owner says: “{text}”",
    free="free",
    per_kwh="{price} per kWh",
    per_session="{price} per session",
    per_hour="{price} per hour",
    per_hour_connected="{price} per hour plugged in",
    per_minute="{price} per minute",
    idle="idle time",
    idle_after="idle time after {length}",
    reservation="reservation fee",
    reserved_energy="reserved energy",
    reserved_time="reserved time",
    unused_reservation="fee for an unused reservation",
    unused_reserved_time="unused reserved time",
    otherwise="otherwise",
    then="then",
    blocks="in blocks of {size}",
    at_least="{price} at least",
    at_most="{price} at most",
    before_tax="{price} before tax",
    before_and_after_tax="{before} before tax and {after} after tax",
    plus_vat="plus {rate}% VAT",
    no_vat="no VAT",
    longest_stay="stay of at most {length}",
    per_reservation="per reservation",
    valid_from="valid from {moment}",
    valid_until="valid until {moment}",
    quoted="“{text}”",
    see="see {url}",
    between_times="from {begin} to {end}",
    from_date="from {date}",
    before_date="before {date}",
    day_range="{first} to {last}",
    day_list="on {days}",
    up_to="up to {amount}",
    after="after {amount}",
    between="between {least} and {most}",
    no_less_than="at {amount} or more",
    less_than="below {amount}",
)
