"""The command line: what can be done is done, and what cannot be is one clear line."""

from pathlib import Path

import pytest
from flask import Flask

from accounts.drivers import DriverAccess
from kernel.command_line import run
from tests.conversation import Conversation

REFUSED = [
    (["clients", "create", "app", "--publishable"], "go together"),
    (["clients", "create", "app", "--origin", "https://a.example"], "go together"),
    (["clients", "create", "app", "--publishable", "--origin", "foo"], "is not an origin"),
    (["clients", "create", "app", "--publishable", "--operator", "--origin", "https://a.example"], "reading only"),
    (["clients", "disable", "ck_nobody"], "no client with this key id"),
    (["clients", "enable", "ck_nobody"], "no client with this key id"),
    (["clients", "rotate", "demo"], "no secret to rotate"),
    (["clients", "create", ""], "1 to 200"),
    (["drivers", "create", "demo", "--password", "correct horse"], "this username already"),
    (["drivers", "create", "anna", "--password", "anna2026"], "not the username"),
    (["drivers", "create", "anna", "--password", "x", "--password-stdin"], "do not go together"),
    (["drivers", "create", "anna", "--card", ":x", "--password", "correct horse"], "is not a card"),
    (["drivers", "create", "anna", "--card", "111973", "--password", "correct horse"], "this serial number already"),
    (["drivers", "password", "nobody"], "no driver with this username"),
    (["drivers", "disable", "nobody"], "no driver with this username"),
    (["drivers", "tokens", "revoke", "nobody"], "no driver with this username"),
    (["drivers", "cards", "list", "nobody"], "no driver with this username"),
    (["drivers", "cards", "add", "demo", "111973"], "this serial number already"),
    (["drivers", "cards", "activate", "demo", "1"], "no card with this serial number"),
    (["stations", "reservable", "9:9"], "no station with this id"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_what_cannot_be_is_said_in_one_line(app: Flask, arguments: list[str], words: str) -> None:
    ended = app.test_cli_runner().invoke(args=arguments)

    assert ended.exit_code != 0
    [said] = [line for line in ended.output.splitlines() if line.startswith("Error:")]
    assert words in said


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["import", "afdc"], "Error: Missing argument 'FILE'."),
        (["stations", "silent", "x"], "Error: Invalid value for 'MINUTES': 'x' is not a valid integer range."),
        (["nosuch"], "Error: No such command 'nosuch'."),
        (["clients", "create", "app", "--nosuch"], "Error: No such option '--nosuch'."),
    ],
)
def test_a_call_that_cannot_be_taken_is_one_line(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    monkeypatch.setattr("sys.argv", ["./dev", *arguments])

    with pytest.raises(SystemExit) as ended:
        run(app.cli, name="./dev")

    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{line}\n"


def test_a_made_key_works_until_it_is_disabled(app: Flask) -> None:
    made = app.test_cli_runner().invoke(args=["clients", "create", "app"]).output
    key = made.removeprefix("X-API-Key: ").strip()
    api = Conversation(app, {"X-API-Key": key})
    assert api.get("/v1/networks").status_code == 200

    ended = app.test_cli_runner().invoke(args=["clients", "disable", key])

    assert ended.output.strip() == "disabled"
    assert api.get("/v1/networks").status_code == 401


def test_a_driver_with_cards_is_made_once(app: Flask) -> None:
    arguments = ["drivers", "create", "Anna", "--card", "4711:Blue", "--password", "correct horse"]
    runner = app.test_cli_runner()

    first, second = runner.invoke(args=arguments), runner.invoke(args=arguments)

    assert (first.exit_code, second.exit_code) == (0, 1)
    cards = Conversation(app).as_driver("anna", "correct horse").get("/v1/me/cards").json["data"]
    assert cards == [{"serial_number": "4711", "nickname": "Blue"}]


def test_stations_that_owners_free_can_be_reserved(app: Flask) -> None:
    ended = app.test_cli_runner().invoke(args=["stations", "reservable", "1:657"])

    assert ended.output.strip() == "1:657 can be reserved"
    assert Conversation(app).as_operator().get("/v1/stations/1:657").json["reservable"] is True


def test_tariffs_of_a_file_are_given_to_their_stations(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "tariffs.json"
    hourly = '{"type": "HOURLY", "currency": "USD", "parts": [{"unit_price_per_hour": "2.00"}]}'
    file.write_text(f'{{"station_id": "1:41613", "tariff": {hourly}}}\n{{"station_id": "9:9", "tariff": {hourly}}}\n')

    first, again = (app.test_cli_runner().invoke(args=["import", "tariffs", str(file)]).output for _ in range(2))

    assert first.startswith("2 rows read = 0 added + 1 changed + 0 unchanged + 0 skipped + 1 rejected\n")
    assert "1 unknown station" in first
    assert again.startswith("2 rows read = 0 added + 0 changed + 1 unchanged + 0 skipped + 1 rejected\n")
    assert Conversation(app).get("/v1/stations/1:41613").json["price_in_words"] == "$2.00 per hour"


def test_a_station_file_of_the_guide_is_imported_and_bad_rows_go_to_a_file(app: Flask, tmp_path: Path) -> None:
    header = "StationID,Display Name,Latitude,Longitude,Country,Price,Unit Charge (kWh)\n"
    file = tmp_path / "stations.csv"
    file.write_text(f"{header}7:1,A/B,52.09,5.12,Netherlands,PAID,0.40\n7:2,C/D,95,5.12,Netherlands,,\n")

    ended = app.test_cli_runner().invoke(args=["import", "chargepoint-csv", str(file)])

    first = "2 rows read = 1 added + 0 changed + 0 unchanged + 0 skipped + 1 rejected"
    assert (ended.exit_code, ended.output.splitlines()[0]) == (0, first)
    [rejects] = (tmp_path / "rejects").glob("chargepoint-csv-*.csv")
    assert "invalid_number" in rejects.read_text()
    station = Conversation(app).get("/v1/stations/7:1").json
    assert (station["organization"]["name"], station["tariff"]["currency"]) == ("A", "EUR")


def test_our_own_file_over_stations_of_another_source_is_refused_and_changes_nothing(
    app: Flask, tmp_path: Path
) -> None:
    api = Conversation(app)
    before = api.get("/v1/snapshots/stations.csv")
    file = tmp_path / "ours.csv"
    file.write_bytes(before.data)

    ended = app.test_cli_runner().invoke(args=["import", "chargepoint-csv", str(file)])

    assert ended.exit_code != 0
    assert "came from demo. Nothing was changed." in ended.output
    assert api.get("/v1/snapshots/stations.csv").data == before.data


def test_a_free_driver_has_no_payment_method(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["drivers", "create", "Fay", "--free", "--password", "correct horse"])
    access: DriverAccess = app.extensions["portside"][DriverAccess]

    fay = access.caller_of(_token(app, "fay", "correct horse"))
    demo = access.caller_of(_token(app, "demo", "demo"))

    assert [caller.driver and caller.driver.pays for caller in (fay, demo) if caller] == [False, True]


def _token(app: Flask, username: str, password: str) -> str:
    caller = Conversation(app).as_driver(username, password)
    return caller.headers["Authorization"].removeprefix("Bearer ")


def test_a_password_is_read_from_the_standard_input_or_asked_for(app: Flask) -> None:
    runner = app.test_cli_runner()

    piped = runner.invoke(args=["drivers", "create", "Ann", "--password-stdin"], input="correct horse\n")
    asked = runner.invoke(args=["drivers", "create", "Bob"], input="battery staple\nbattery staple\n")
    changed = runner.invoke(args=["drivers", "password", "Ann", "--password-stdin"], input="another horse\n")

    assert [ended.exit_code for ended in (piped, asked, changed)] == [0, 0, 0], (piped.output, asked.output)
    assert not any("horse" in ended.output or "staple" in ended.output for ended in (piped, asked, changed))
    assert _token(app, "ann", "another horse")
    assert _token(app, "bob", "battery staple")


def test_drivers_are_listed_disabled_and_enabled(app: Flask) -> None:
    runner = app.test_cli_runner()
    driver = Conversation(app).as_driver()

    assert "demo      enabled  pays     2             1" in runner.invoke(args=["drivers", "list"]).output
    assert runner.invoke(args=["drivers", "disable", "demo"]).output == "demo is disabled\n"
    assert driver.get("/v1/me").status_code == 401
    assert "disabled" in runner.invoke(args=["drivers", "list"]).output
    assert runner.invoke(args=["drivers", "enable", "DEMO"]).exit_code == 0
    Conversation(app).as_driver()
    assert runner.invoke(args=["drivers", "tokens", "revoke", "demo"]).output == "revoked 1 tokens of demo\n"


def test_a_card_is_added_deactivated_and_activated(app: Flask) -> None:
    runner, cards = app.test_cli_runner(), ["drivers", "cards"]

    for arguments in (["add", "demo", "4711:Blue"], ["deactivate", "demo", "4711"], ["deactivate", "demo", "111973"]):
        assert runner.invoke(args=[*cards, *arguments]).exit_code == 0
    listed = runner.invoke(args=[*cards, "list", "demo"]).output.splitlines()
    again = runner.invoke(args=[*cards, "activate", "demo", "4711"])

    assert [line.split() for line in listed[1:]] == [
        ["111973", "inactive", "DBE1"],
        ["231214315", "active", "KK"],
        ["4711", "inactive", "Blue"],
    ]
    assert again.output == "the card 4711 is active\n"


def test_a_rotated_key_replaces_the_old_one_and_a_disabled_one_comes_back(app: Flask) -> None:
    runner = app.test_cli_runner()
    old = runner.invoke(args=["clients", "create", "app"]).output.removeprefix("X-API-Key: ").strip()
    key_id = old.partition(".")[0]

    new = runner.invoke(args=["clients", "rotate", key_id]).output.removeprefix("X-API-Key: ").strip()
    runner.invoke(args=["clients", "disable", key_id])
    listed = runner.invoke(args=["clients", "list"]).output
    runner.invoke(args=["clients", "enable", key_id])

    assert [Conversation(app).as_client(key).get("/v1/networks").status_code for key in (old, new)] == [401, 200]
    assert f"{key_id}  disabled" in listed
    assert old.partition(".")[2] not in listed
    assert new.partition(".")[2] not in listed
