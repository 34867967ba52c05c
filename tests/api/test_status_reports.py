"""The intake of statuses: conversations with POST /v1/status-reports, and what the status log keeps."""

from datetime import timedelta
from itertools import permutations

from kernel.clock import FixedClock
from tests.api.finder_words import HQ14, a_report, port_status, report
from tests.api.problem_words import faults, problem
from tests.conftest import NOW
from tests.conversation import Conversation

SECOND = timedelta(seconds=1)


def test_each_report_gets_its_outcome_in_its_place(api: Conversation) -> None:
    outcomes = report(
        api,
        a_report("charging", NOW),
        a_report("charging", NOW, station_id="1:999"),
        a_report("charging", NOW, port=9),
        a_report("charging", NOW - 40_000 * timedelta(days=1), port=2),
    )

    assert outcomes == ["accepted", "unknown_port", "unknown_port", "invalid"]


def test_a_late_report_does_not_win(api: Conversation) -> None:
    report(api, a_report("charging", NOW))

    assert report(api, a_report("available", NOW - SECOND)) == ["older"]
    assert port_status(api)["status"] == "IN_USE"


def test_a_report_delivered_again_changes_nothing(api: Conversation) -> None:
    report(api, a_report("charging", NOW))
    before = port_status(api)

    assert report(api, a_report("charging", NOW)) == ["older"]
    assert port_status(api) == before


def test_of_reports_of_one_second_the_highest_sequence_wins(api: Conversation) -> None:
    report(api, a_report("charging", NOW, sequence=5))

    assert report(api, a_report("available", NOW, sequence=4)) == ["older"]
    assert report(api, a_report("faulted", NOW, sequence=6)) == ["accepted"]
    assert port_status(api)["technical_status"] == "faulted"


def test_whatever_the_order_of_arrival_the_newest_report_stays(api: Conversation) -> None:
    words = ("available", "charging", "faulted")
    said = [a_report(word, NOW - 10 * SECOND + count * SECOND) for count, word in enumerate(words)]

    for port, order in enumerate(permutations(said), start=1):
        station = ("1:41613", "1:23", "1:34")[(port - 1) // 2]
        for one in order:
            report(api, {**one, "station_id": station, "port_number": (port - 1) % 2 + 1})
        assert port_status(api, (port - 1) % 2 + 1, station)["technical_status"] == "faulted"


def test_a_whole_batch_out_of_order_ends_the_same(api: Conversation) -> None:
    outcomes = report(api, a_report("faulted", NOW), a_report("available", NOW - SECOND))

    assert outcomes == ["accepted", "older"]
    assert port_status(api)["technical_status"] == "faulted"


def test_a_clock_far_ahead_is_not_believed(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("charging", NOW + timedelta(hours=1)))

    assert port_status(api)["as_of"] == "2026-03-10T12:00:00Z"
    clock.advance(seconds=1)
    assert report(api, a_report("available", clock.moment)) == ["accepted"]


def test_a_clock_a_little_ahead_keeps_its_word_and_is_never_fresher_than_we_heard(
    api: Conversation, clock: FixedClock
) -> None:
    report(api, a_report("charging", NOW + timedelta(seconds=120)))

    told = port_status(api)

    assert (told["as_of"], told["age_s"]) == ("2026-03-10T12:00:00Z", 0)
    assert report(api, a_report("available", NOW + timedelta(seconds=119))) == ["older"]


def test_repeating_a_status_keeps_the_time_of_its_change(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("charging", NOW))
    clock.advance(minutes=5)
    report(api, a_report("charging", clock.moment))

    told = port_status(api)

    assert told["status_changed_at"] == "2026-03-10T12:00:00Z"
    assert told["as_of"] == "2026-03-10T12:05:00Z"


WORDS = (
    ("SuspendedEVSE", "paused", "IN_USE"),
    ("OUTOFORDER", "faulted", "OUT_OF_SERVICE"),
    ("Occupied", "charging", "IN_USE"),
    ("Reserved", "available", "AVAILABLE"),
    ("on fire", "unknown", "UNKNOWN"),
)


def test_words_of_other_vocabularies_are_understood_and_kept(api: Conversation) -> None:
    for second, (word, technical_status, status) in enumerate(WORDS):
        report(api, a_report(word, NOW + second * SECOND, error_code="E7"))

        told = port_status(api)
        logged = api.get(f"/v1/stations/{HQ14}/status-log", limit=1).json["data"][0]
        assert (told["technical_status"], told["status"], told["error_code"]) == (technical_status, status, "E7")
        assert (logged["technical_status"], logged["raw_status"]) == (technical_status, word)


def test_the_log_holds_every_report_as_received_newest_first(api: Conversation, clock: FixedClock) -> None:
    report(api, a_report("charging", NOW, sequence=3), a_report("available", NOW, port=2))
    clock.advance(seconds=60)
    report(api, a_report("available", NOW - SECOND))

    log = api.get(f"/v1/stations/{HQ14}/status-log").json["data"]
    of_port_two = api.get(f"/v1/stations/{HQ14}/status-log", port=2).json["data"]
    newest = api.get(f"/v1/stations/{HQ14}/status-log", limit=1).json["data"]

    assert [row["technical_status"] for row in log] == ["available", "available", "charging"]
    assert (log[0]["reported_at"], log[0]["received_at"]) == ("2026-03-10T11:59:59Z", "2026-03-10T12:01:00Z")
    assert of_port_two == [log[1]]
    assert newest == [log[0]]


def test_a_repeated_call_is_answered_with_the_first_answer(api: Conversation) -> None:
    operator, body = api.as_operator(), {"reports": [a_report("charging", NOW)]}
    first = operator.post("/v1/status-reports", body, headers={"Idempotency-Key": "batch-1"})

    again = operator.post("/v1/status-reports", body, headers={"Idempotency-Key": "batch-1"})
    other = operator.post(
        "/v1/status-reports", {"reports": [a_report("faulted", NOW)]}, headers={"Idempotency-Key": "batch-1"}
    )

    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert len(api.get(f"/v1/stations/{HQ14}/status-log").json["data"]) == 1
    problem(other, 422, "idempotency_key_reused")


def test_a_thousand_reports_go_in_one_call_and_no_more(api: Conversation) -> None:
    many = [a_report("charging", NOW + number * SECOND / 1000) for number in range(1001)]

    assert set(report(api, *many[:1000])) == {"accepted", "older"}
    refused = api.as_operator().post("/v1/status-reports", {"reports": many})
    problem(refused, 422, "invalid_body")


FAULTY: tuple[tuple[str, object], ...] = (
    ("reported_at", "2026-03-10T12:00:00"),
    ("reported_at", "10 March"),
    ("reported_at", "2026-W11-2T12:00:00Z"),
    ("port_number", "1"),
    ("port_number", 1.5),
    ("port_number", True),
    ("sequence", 2**63),
    ("technical_status", ""),
    ("technical_status", "a\u0000b"),
    ("error_code", 7),
    ("card", 111973),
    ("card", ""),
    ("station_id", None),
    ("status", "AVAILABLE"),
)


def test_a_report_with_a_fault_refuses_the_whole_call_and_says_where(api: Conversation) -> None:
    for member, value in FAULTY:
        reports = [a_report("charging", NOW), {**a_report("charging", NOW, port=2), member: value}]

        answer = api.as_operator().post("/v1/status-reports", {"reports": reports})

        problem(answer, 422, "invalid_body")
        assert faults(answer) == {f"/reports/1/{member}"}
    assert port_status(api)["status"] == "UNKNOWN"


def test_only_an_operator_reports(api: Conversation) -> None:
    body = {"reports": [a_report("charging", NOW)]}

    problem(api.post("/v1/status-reports", body), 403, "not_allowed")
    problem(api.as_nobody().post("/v1/status-reports", body), 401, "unauthenticated")
    problem(api.as_driver().post("/v1/status-reports", body), 403, "not_allowed")
