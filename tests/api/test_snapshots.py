"""All stations at once: a conversation with GET /v1/snapshots/…"""

import csv
import gzip
from io import StringIO

import pytest
from flask import Flask

from finder.catalogue import StationCatalogue
from finder.change_cursors import cursor_at
from finder.exports_ahead import SnapshotsAhead
from kernel.database import Database
from tests.api.finder_words import HQ14, a_report, report
from tests.api.operations import openapi
from tests.builders import a_station, add_stations
from tests.conftest import NOW
from tests.conversation import Conversation
from tests.statements import counted

BEGINNING = cursor_at(0)  # before the first change
FILE, COLLECTION = "/v1/snapshots/stations.csv", "/v1/snapshots/stations.geojson"


def test_the_file_is_the_guides(api: Conversation) -> None:
    answer = api.get(FILE)

    [station] = [row for row in csv.DictReader(StringIO(answer.text, newline="")) if row["StationID"] == HQ14]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="stations202603101200.csv"'
    assert (station["Display Name"], station["Num. Ports"], station["Price"]) == ("CHARGEPOINT / HQ14", "2", "PAID")
    assert (station["Unit Charge (Hourly)"], station["Min Charge"], station["Port2Connector"]) == (
        "1.50",
        "0.50",
        "J1772",
    )
    assert (station["Reservable"], station["Country"], station["Type 2"]) == ("YES", "United States", "")


def test_the_collection_is_geojson_with_all_that_is_known_but_statuses(api: Conversation) -> None:
    answer = api.get(COLLECTION)

    [station] = [feature for feature in answer.json["features"] if feature["id"] == HQ14]
    whole = api.get(f"/v1/stations/{HQ14}", include="tariff,opening_hours").json
    missing = {"distance_m", "utc_offset", "price_in_words"}
    assert answer.mimetype == "application/geo+json"
    assert station["geometry"] == {"type": "Point", "coordinates": [-121.957718, 37.261513]}
    assert station["properties"] == {name: value for name, value in whole.items() if name not in missing}


@pytest.mark.parametrize("path", [FILE, COLLECTION])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
def test_who_has_it_already_is_told_so_without_reading_the_catalogue(
    app: Flask, api: Conversation, path: str, encoding: str
) -> None:
    first = api.get(path, headers={"Accept-Encoding": encoding})

    with counted(app.extensions["portside"][Database]) as sent:
        again = api.get(path, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})

    assert first.headers.get("Content-Encoding", "identity") == encoding
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert not first.headers["ETag"].startswith("W/")
    assert not [statement for statement in sent if "FROM stations" in statement]


def test_the_compressed_file_is_the_same_file(api: Conversation) -> None:
    plain, packed = api.get(FILE), api.get(FILE, headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(packed.data) == plain.data
    assert int(plain.headers["Content-Length"]) == len(plain.data) > 3 * len(packed.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_change_of_a_station_changes_the_snapshot_and_a_status_does_not(app: Flask, api: Conversation) -> None:
    tag = api.get(FILE).headers["ETag"]
    report(api, a_report("available", NOW))

    assert api.get(FILE, headers={"If-None-Match": tag}).status_code == 304
    add_stations(app, a_station("7:1"))
    after = api.get(FILE, headers={"If-None-Match": tag})
    assert (after.status_code, "7:1," in after.text) == (200, True)


def test_who_asked_today_finds_the_next_snapshot_made(app: Flask, api: Conversation, clock) -> None:
    tag = api.get(FILE).headers["ETag"]
    api.get(FILE, headers={"If-None-Match": tag})
    add_stations(app, a_station("7:1"))
    clock.advance(minutes=1)

    assert app.extensions["portside"][SnapshotsAhead].make() == 1

    with counted(app.extensions["portside"][Database]) as sent:
        after = api.get(FILE, headers={"If-None-Match": tag})
    assert (after.status_code, "7:1," in after.text) == (200, True)
    assert not [statement for statement in sent if "FROM stations" in statement]


def test_the_headers_alone_may_be_asked_for(api: Conversation) -> None:
    head, whole = api.request("HEAD", FILE), api.get(FILE)

    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Portside-Changes-Cursor", "Portside-Content-Hash"):
        assert head.headers[name] == whole.headers[name]


def test_the_snapshot_leads_to_its_changes(app: Flask, api: Conversation, clock) -> None:
    cursor = api.get(FILE).headers["Portside-Changes-Cursor"]
    clock.advance(minutes=1)
    add_stations(app, a_station("7:1", name="New"))

    answer = api.get("/v1/changes", since=cursor)

    [change] = answer.json["data"]
    assert (change["station_id"], change["station"]["name"]) == ("7:1", "New")
    assert answer.json["has_more"] is False
    assert "Link" not in answer.headers


def test_pages_of_changes_are_linked(app: Flask, api: Conversation) -> None:
    add_stations(app, *(a_station(f"7:{number}") for number in range(1, 4)))
    first = api.get("/v1/changes", since=BEGINNING, limit=2)

    met, answer = [one["station_id"] for one in first.json["data"]], first
    while "Link" in answer.headers:
        answer = api.request("GET", answer.headers["Link"].partition(">")[0].strip("<"))
        met += [one["station_id"] for one in answer.json["data"]]

    assert len(met) == len(set(met)) == 11  # the employees' two are hidden
    assert answer.json["next_cursor"] == api.get("/v1/changes").json["next_cursor"]


def test_a_station_that_is_removed_is_told_with_its_time(app: Flask, api: Conversation, clock) -> None:
    add_stations(app, a_station("7:1"), a_station("7:2"))
    cursor = api.get("/v1/changes").json["next_cursor"]
    clock.advance(hours=1)
    catalogue: StationCatalogue = app.extensions["portside"][StationCatalogue]
    catalogue.merge([a_station("7:2")], source="test", complete=True, force=True)

    [gone] = api.get("/v1/changes", since=cursor).json["data"]

    assert gone | {"version": 0} == {
        "station_id": "7:1",
        "version": 0,
        "removed_at": "2026-03-10T13:00:00Z",
        "reason": "removed",
    }


def test_what_leaves_the_filter_is_told_as_gone_from_it(app: Flask, api: Conversation) -> None:
    add_stations(app, a_station("7:1"), a_station("7:2"))
    cursor = api.get("/v1/changes").json["next_cursor"]
    add_stations(app, a_station("7:1", lat=10.0), a_station("7:2", phone="2"))

    changes = api.get("/v1/changes", since=cursor, bbox="0,50,10,55", connector="J1772").json["data"]

    assert [(one["station_id"], one.get("reason")) for one in changes] == [("7:1", "no_longer_matches"), ("7:2", None)]


def test_a_cursor_that_is_too_old_says_where_to_begin(app: Flask, api: Conversation, clock) -> None:
    old = BEGINNING
    clock.advance(days=31)
    add_stations(app, a_station("7:1"))

    answer = api.get("/v1/changes", since=old)

    assert (answer.status_code, answer.json["code"]) == (410, "cursor_too_old")
    assert "snapshot" in answer.json["detail"]


REFUSED = (
    ({"since": "nonsense"}, "invalid_cursor"),
    ({"cursor": "x"}, "invalid_request"),
    ({"available": "true"}, "invalid_request"),
    ({"status": "AVAILABLE"}, "invalid_request"),
    ({"max_age_s": 5}, "invalid_request"),
    ({"include": "status"}, "invalid_request"),
    ({"limit": 201}, "invalid_request"),
)


@pytest.mark.parametrize(("asked", "code"), REFUSED)
def test_what_no_change_of_a_station_can_answer_is_refused(api: Conversation, asked: dict, code: str) -> None:
    answer = api.get("/v1/changes", **asked)

    assert (answer.status_code, answer.json["code"]) == (400, code)


@pytest.mark.parametrize("name", ["available", "status", "max_age_s", "free_from", "free_until", "demo_serial_number"])
def test_what_changes_without_the_station_is_refused_and_not_documented(app: Flask, api: Conversation, name) -> None:
    documented = {one.get("name") for one in openapi(app)["paths"]["/v1/changes"]["get"]["parameters"]}

    [fault] = api.get("/v1/changes", **{name: "1"}).json["errors"]

    assert name not in documented
    assert (fault["pointer"], "see /v1/status" in fault["detail"]) == (name, True)


def test_snapshots_take_no_parameters(api: Conversation) -> None:
    assert api.get(FILE, network=1).status_code == 400
