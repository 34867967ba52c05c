"""Reports in plain form are read exactly as the schema reads them, and nothing that it refuses is taken."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from finder.status_schemas import ReportSchema, as_plain_report

NOON = "2026-03-10T12:00:00Z"
PLAIN = {"station_id": "1:41613", "port_number": 1, "technical_status": "Charging", "reported_at": NOON}

texts = st.sampled_from(("Faulted", "", "ü", "a\u0000b", "x" * 60, "x" * 61, None, 7, True)) | st.text(max_size=5)
numbers = st.sampled_from((0, 1, 32_767, 32_768, -1, 1.0, 1.5, "1", True, None, 2**53 - 1, 2**53))
moments = st.sampled_from(
    (
        NOON,
        "2026-03-10T12:00:00.5Z",
        "2026-03-10T12:00:00.500Z",
        "2026-03-10T12:00:00.123456Z",
        "2026-03-10T12:00:00.123456789Z",
        "2026-03-10t12:00:00z",
        "2026-03-10T12:00:00+01:00",
        "2026-03-10T12:00:00+00:00",
        "2026-03-10T12:00:00.123456+00:00",
        "2026-03-10T12:00:00-00:00",
        "2026-13-10T12:00:00Z",
        "2026-03-10T24:00:00Z",
        "2026-03-10T12:00:60Z",
        "0000-03-10T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "2026-03-10",
        None,
        5,
    )
)
spoilt = st.fixed_dictionaries(
    {},
    optional={
        "station_id": texts,
        "port_number": numbers,
        "technical_status": texts,
        "reported_at": moments,
        "sequence": numbers,
        "error_code": texts,
        "card": texts | st.sampled_from(("x" * 40, "x" * 41)),
        "colour": texts,
    },
)


@given(spoilt, st.sets(st.sampled_from(sorted(PLAIN)), max_size=1))
@example({}, set())
@example({"error_code": "E7", "sequence": 3}, set())
def test_what_is_plain_is_what_the_schema_says(changes: dict[str, Any], missing: set[str]) -> None:
    report = {name: value for name, value in (PLAIN | changes).items() if name not in missing}
    read = as_plain_report(report)

    try:
        told = ReportSchema().load(report)
    except ValidationError:
        told = None

    assert read is None or read == told


def test_the_usual_report_is_plain() -> None:
    assert as_plain_report(PLAIN) == ReportSchema().load(PLAIN) != {}


def test_utc_is_plain_whichever_way_it_is_written() -> None:
    written_out = PLAIN | {"reported_at": "2026-03-10T12:00:00+00:00"}

    assert as_plain_report(written_out) == as_plain_report(PLAIN) != {}


def test_what_is_no_report_is_left_to_the_schema() -> None:
    assert [as_plain_report(one) for one in (None, [], "x", 7, {})] == [None] * 5
