"""The map in a real browser against the real server with the demo network."""

import json
import shlex
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.map_page import BAY_AREA, HEADQUARTERS, MapUnderTest
from tests.browser.reports import a_port_never_heard_of, report


def test_the_first_view_shows_stations_and_their_status(shown_map: MapUnderTest) -> None:
    shown_map.open()

    assert shown_map.count > 5
    expect(shown_map.page.locator(".pin, .cluster").first).to_be_visible()
    expect(shown_map.page.locator("#list .mark").first).to_contain_text("free")


def test_many_stations_are_clustered_with_their_numbers(shown_map: MapUnderTest) -> None:
    shown_map.open(BAY_AREA)

    cluster = shown_map.page.locator(".cluster").first
    expect(cluster).to_be_visible()
    expect(cluster).to_contain_text("free")
    assert "Zoom in" in (cluster.get_attribute("aria-label") or "")


def test_clusters_and_pins_sum_to_the_count(shown_map: MapUnderTest) -> None:
    shown_map.open("#10/37.45/-122.1")

    clusters = shown_map.page.locator(".cluster b").all_text_contents()
    assert sum(map(int, clusters)) + shown_map.page.locator(".pin").count() == shown_map.count


def test_a_cluster_opens_into_its_stations(shown_map: MapUnderTest) -> None:
    shown_map.open(BAY_AREA)
    before = shown_map.count

    shown_map.page.locator(".cluster").first.click()

    shown_map.page.wait_for_function("before => !location.hash.startsWith('#9/')", arg=before)
    shown_map.settle()
    assert 0 < shown_map.count <= before


def test_a_box_tells_what_a_driver_needs(shown_map: MapUnderTest) -> None:
    shown_map.open(HEADQUARTERS)

    shown_map.listed("CHARGEPOINT / HQ14").click()

    expect(shown_map.box.locator(".port")).to_have_count(2)
    expect(shown_map.box.locator(".port").first).to_contain_text("J1772")
    expect(shown_map.box.locator(".asof").first).to_contain_text("Status as of")
    expect(shown_map.box.locator("[data-fact=price]")).to_contain_text("$1.50 per hour")
    expect(shown_map.box).to_contain_text("1692 Dell Ave, Campbell, California 95008")


def test_a_pin_opens_the_box_of_its_station(shown_map: MapUnderTest) -> None:
    shown_map.open("#15/47.5515/-120.6804")

    shown_map.page.locator(".pin").first.click()

    expect(shown_map.box.get_by_role("heading")).to_contain_text("SLEEPING LADY")


def test_the_address_bar_brings_back_the_box(shown_map: MapUnderTest) -> None:
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")

    expect(shown_map.box.get_by_role("heading")).to_contain_text("HQ14")
    shown_map.page.keyboard.press("Escape")
    expect(shown_map.box).to_be_hidden()
    assert "41613" not in shown_map.page.url


@pytest.mark.parametrize("label", ["Available now", "CCS 1", "CHAdeMO"])
def test_a_filter_narrows_what_is_shown(shown_map: MapUnderTest, label: str) -> None:
    shown_map.open(BAY_AREA)
    before = shown_map.count

    shown_map.filter(label)

    assert 0 < shown_map.count < before


def test_the_power_filter_keeps_the_strong_ports_only(shown_map: MapUnderTest) -> None:
    shown_map.open(BAY_AREA)
    before = shown_map.count

    with shown_map.page.expect_response(lambda response: "min_power_kw=50" in response.url):
        shown_map.page.get_by_label("Power").select_option("50")
    shown_map.settle()

    assert 0 < shown_map.count < before


def test_clearing_the_filters_shows_all_again(shown_map: MapUnderTest) -> None:
    shown_map.open(BAY_AREA)
    before = shown_map.count
    shown_map.filter("CCS 1")

    shown_map.page.get_by_role("button", name="Clear filters").click()

    expect(shown_map.page.locator("#count")).to_contain_text(f"{before:,} stations")


def test_the_keyboard_alone_reaches_a_box_and_comes_back(shown_map: MapUnderTest) -> None:
    keyboard = shown_map.open(HEADQUARTERS).page.keyboard
    first = shown_map.page.locator("#list button").first
    name = first.locator("strong").text_content() or ""

    keyboard.press("Tab")
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")

    expect(shown_map.box.get_by_role("heading")).to_contain_text(name)
    expect(shown_map.box.get_by_role("heading")).to_be_focused()
    keyboard.press("Escape")
    expect(shown_map.box).to_be_hidden()
    expect(shown_map.listed(name).first).to_be_focused()


def test_the_arrow_keys_walk_the_list(shown_map: MapUnderTest) -> None:
    shown_map.open(BAY_AREA)
    buttons = shown_map.page.locator("#list button")

    buttons.first.focus()
    shown_map.page.keyboard.press("ArrowDown")
    expect(buttons.nth(1)).to_be_focused()
    shown_map.page.keyboard.press("End")

    expect(buttons.last).to_be_focused()


def test_a_pin_and_a_cluster_answer_the_enter_key(shown_map: MapUnderTest) -> None:
    shown_map.open("#15/47.5515/-120.6804").page.locator(".pin").first.focus()
    shown_map.page.keyboard.press("Enter")
    expect(shown_map.box).to_be_visible()

    shown_map.open(BAY_AREA).page.locator(".cluster").first.focus()
    shown_map.page.keyboard.press("Enter")

    shown_map.page.wait_for_function("() => !location.hash.startsWith('#9/')")


def test_a_small_screen_shows_map_list_and_box(shown_map: MapUnderTest) -> None:
    page = shown_map.page
    page.set_viewport_size({"width": 360, "height": 640})
    shown_map.open(HEADQUARTERS)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.getElementById('map').clientHeight") > 200
    shown_map.listed("CHARGEPOINT / HQ14").click()
    expect(shown_map.box.get_by_role("button", name="Close")).to_be_in_viewport()
    expect(shown_map.box.locator(".port").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shown_map.box.get_by_role("button", name="Close").click()
    page.locator("#drawer").click()
    expect(page.locator("#panels")).to_be_hidden()


def test_nothing_leaves_the_origin_and_no_policy_is_broken(shown_map: MapUnderTest) -> None:
    shown_map.open()
    shown_map.filter("Available now")
    shown_map.page.locator("#list button").first.click()
    expect(shown_map.box).to_be_visible()
    shown_map.page.get_by_role("button", name="Zoom out", exact=True).click()
    shown_map.settle()

    assert shown_map.strangers == []
    assert shown_map.faults == []


def test_the_background_is_drawn_without_streets_and_says_so(shown_map: MapUnderTest) -> None:
    shown_map.open(HEADQUARTERS)

    expect(shown_map.page.locator("#place")).to_contain_text("Near Campbell, California · outline map")
    expect(shown_map.page.locator(".leaflet-control-scale-line").first).to_be_visible()
    expect(shown_map.page.locator("#map canvas")).to_have_count(2)


def test_old_news_is_greyed_and_said_in_words(shown_map: MapUnderTest, live_demo: str) -> None:
    station, port_number = a_port_never_heard_of(live_demo)
    report(live_demo, station["station_id"], port_number, "available", datetime.now(UTC) - timedelta(minutes=47))

    shown_map.open(f"#17/{station['location']['lat']}/{station['location']['lon']}/{station['station_id']}")

    port = shown_map.box.locator(f"[data-port='{port_number}']")
    expect(port).to_contain_text("No news for 47 minutes; it may have changed.")
    expect(port).to_have_css("background-color", "rgb(240, 242, 243)")


def test_a_new_status_reaches_an_open_box(shown_map: MapUnderTest, live_demo: str) -> None:
    shown_map.page.clock.install()
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")
    port = shown_map.box.locator("[data-port='1']")
    expect(port).to_contain_text("Status as of")

    report(live_demo, "1:41613", 1, "faulted", datetime.now(UTC))
    shown_map.page.clock.fast_forward(31_000)

    expect(port).to_contain_text("Out of service")


def test_the_call_on_the_screen_can_be_made(shown_map: MapUnderTest) -> None:
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")
    expect(shown_map.box).to_be_visible()

    for line in shown_map.page.locator(".call code").all_text_contents():
        program, _, header, url = shlex.split(line)
        name, _, value = header.partition(": ")
        with urllib.request.urlopen(urllib.request.Request(url, headers={name: value})) as answer:
            assert (program, answer.status) == ("curl", 200)
            assert "1:41613" in json.dumps(json.load(answer))


def test_a_silent_server_is_said_in_words_and_asked_again(shown_map: MapUnderTest) -> None:
    shown_map.open(BAY_AREA)
    shown_map.page.context.set_offline(True)
    shown_map.page.get_by_role("button", name="Zoom in", exact=True).click()
    trouble = shown_map.page.get_by_role("alert")
    expect(trouble).to_contain_text("The server does not answer")

    shown_map.page.context.set_offline(False)
    trouble.get_by_role("button", name="Try again").click()

    expect(trouble).to_be_hidden()


def test_a_station_that_is_gone_is_said_in_words(shown_map: MapUnderTest) -> None:
    shown_map.open(f"{HEADQUARTERS}/1%3Anowhere")
    trouble = shown_map.page.get_by_role("alert")
    expect(trouble).to_contain_text("not in the catalogue any more")

    trouble.get_by_role("button", name="Close").click()

    expect(trouble).to_be_hidden()
    expect(shown_map.box).to_be_hidden()
