"""The example tariffs of the OCPI 2.2.1 specification cost what its tariff chapter says."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from finder.domain.estimate import in_coins
from finder.domain.ocpi_tariff import tariff_from_json, tariff_from_ocpi, tariff_to_ocpi
from finder.domain.tariff import Tariff
from finder.domain.usage import Kind, Period, Usage
from tests.rules.pricing_words import a_stay, an_unused_reservation, at, priced

_REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = Path(os.environ.get("PORTSIDE_REAL_DATA", _REPOSITORY.parent / "shared" / "data")) / "ocpi-2.2.1"
FILES = sorted(EXAMPLES.glob("tariff*.json"))

pytestmark = pytest.mark.skipif(
    not FILES,
    reason=f"THE OCPI EXAMPLES ARE MISSING: no tariff*.json in {EXAMPLES}; PORTSIDE_REAL_DATA names the folder above",
)

CHANGING_POWER = Usage(
    (
        Period(at("2019-06-03 09:00"), at("2019-06-03 09:10"), Kind.CHARGING, Decimal(1), Decimal(6)),
        Period(at("2019-06-03 09:10"), at("2019-06-03 10:00"), Kind.CHARGING, Decimal(40), Decimal(48)),
        Period(at("2019-06-03 10:00"), at("2019-06-03 10:08"), Kind.CHARGING, Decimal("0.5"), Decimal(4)),
    )
)
SLOWING_DOWN = Usage(
    (
        Period(at("2019-06-03 09:00"), at("2019-06-03 09:30"), Kind.CHARGING, Decimal(5)),
        Period(at("2019-06-03 09:30"), at("2019-06-03 09:40"), Kind.CHARGING, Decimal("1.2")),
    )
)

AMOUNTS: list[tuple[str, Usage, str, str]] = [
    ("8_simple_025kwh", a_stay(kwh="20"), "5.00", "5.50"),
    ("9_025kwh_start", a_stay(kwh="20"), "5.50", "6.10"),
    ("12_025kwh_min_price", a_stay(kwh="20"), "5.00", "5.50"),
    ("12_025kwh_min_price", a_stay(kwh="1.999"), "0.50", "0.55"),
    ("10_025kwh_parking_start", a_stay(kwh="20", idle_min=40), "7.00", "7.90"),
    ("6_025kwh_start_max_price", a_stay(kwh="50"), "10.00", "11.00"),
    ("6_025kwh_start_max_price", a_stay(kwh="30"), "8.00", "8.85"),
    ("1_simple_2hour", a_stay(charging_min=150), "5.00", "5.50"),
    ("put_example", a_stay(charging_min=150), "5.00", "5.50"),
    ("13_simple_3hour_5parking", a_stay(charging_min=150, idle_min=42), "11.25", "12.75"),
    ("2_alt_text", a_stay(charging_min=150), "4.75", "5.00"),
    ("3_alt_url", a_stay(kwh="20.45"), "5.63", "6.24"),
    ("4_complex", a_stay("2019-06-03 09:30", charging_min=165, idle_min=42, current_a="16"), "9.00", "10.30"),
    ("5_free_of_charge", a_stay(), "0.00", "0.00"),
    ("15_reservation_5_euro_per_hour", a_stay(kwh="20", reserved_min=15), "6.75", "7.60"),
    ("16_reservation_2_euro_fee_5_euro_per_hour", a_stay(kwh="20", reserved_min=13), "8.75", "10.00"),
    ("17_reservation_with_expire_fee", a_stay(kwh="20", reserved_min=22), "6.50", "7.30"),
    ("17_reservation_with_expire_fee", an_unused_reservation(60), "6.00", "7.20"),
    ("18_reservation_with_expire_time", a_stay(kwh="20", reserved_min=22), "7.00", "7.90"),
    ("18_reservation_with_expire_time", an_unused_reservation(90), "9.00", "10.80"),
    ("14_step_size", a_stay("2019-06-03 16:55", charging_min=10, idle_min=2), "0.55", "0.55"),
    ("14_step_size", a_stay("2019-06-03 16:35", charging_min=35), "1.30", "1.30"),
    ("restriction_example_max_duration", SLOWING_DOWN, "0.30", "0.36"),
    ("restriction_example_max_power", CHANGING_POWER, "20.30", "24.36"),
]


def _example(name: str) -> Tariff:
    path = EXAMPLES / (f"tariff{name}.json" if name.startswith("restriction") else f"tariff_{name}.json")
    return tariff_from_ocpi(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_example_survives_a_round_trip(path: Path) -> None:
    tariff = tariff_from_ocpi(json.loads(path.read_text("utf-8")))

    stored = json.dumps(tariff_to_ocpi(tariff))

    assert tariff_from_json(json.loads(stored)) == tariff
    assert tariff_from_ocpi(json.loads(stored)) == tariff


@pytest.mark.parametrize(("name", "usage", "before_tax", "after_tax"), AMOUNTS)
def test_an_example_costs_what_the_specification_says(name: str, usage: Usage, before_tax: str, after_tax: str) -> None:
    estimate = priced(_example(name), usage)

    assert (str(estimate.subtotal), str(estimate.total)) == (before_tax, after_tax)
    assert estimate.tax == Decimal(after_tax) - Decimal(before_tax)


def test_the_complex_example_has_the_lines_of_the_specification() -> None:
    usage = a_stay("2019-06-03 09:30", charging_min=165, idle_min=42, current_a="16")

    lines = priced(_example("4_complex"), usage).lines

    assert [line.amount for line in lines] == [Decimal("2.5"), Decimal("2.75"), Decimal("3.75")]
    assert [line.amount + line.tax for line in lines] == [Decimal("2.875"), Decimal("3.3"), Decimal("4.125")]


def test_lines_in_coins_are_those_of_the_specification() -> None:
    estimate = priced(_example("3_alt_url"), a_stay(kwh="20.45"))

    coins = in_coins(estimate)

    assert [str(amount) for amount, _ in coins] == ["0.50", "5.13"]
    assert [str(amount + tax) for amount, tax in coins] == ["0.60", "5.64"]


def test_the_expired_example_is_not_valid_any_more() -> None:
    estimate = priced(_example("6_025kwh_start_max_price"), a_stay("2019-07-02 09:30", kwh="30"))

    assert (estimate.total, estimate.reason) == (None, "tariff_not_valid")
