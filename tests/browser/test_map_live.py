"""The map follows the live stream: changes, silence and news show by themselves; without the stream it asks again."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.map_page import BAY_AREA, HEADQUARTERS, MapUnderTest
from tests.browser.reports import a_port_never_heard_of, report

STREAM = "**/v1/stream?*"
WAIT_MS = 60_000
STALE_AFTER_S = 900


def test_a_status_that_changes_shows_in_box_and_list_by_itself(shown_map: MapUnderTest, live_demo: str) -> None:
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")
    port = shown_map.box.locator("[data-port='2']")
    mark = shown_map.listed("CHARGEPOINT / HQ14").locator(".mark")

    report(live_demo, "1:41613", 2, "charging", datetime.now(UTC))
    expect(port).to_contain_text("In use", timeout=WAIT_MS)
    before = mark.text_content() or ""
    report(live_demo, "1:41613", 2, "available", datetime.now(UTC))

    expect(port).to_contain_text("Available", timeout=WAIT_MS)
    expect(mark).not_to_have_text(before, timeout=WAIT_MS)


def test_a_status_goes_stale_by_silence_and_comes_back(shown_map: MapUnderTest, live_demo: str) -> None:
    station, port_number = a_port_never_heard_of(live_demo)
    nearly_stale = datetime.now(UTC) - timedelta(seconds=STALE_AFTER_S - 15)
    report(live_demo, station["station_id"], port_number, "available", nearly_stale)
    place = station["location"]
    shown_map.open(f"#17/{place['lat']}/{place['lon']}/{station['station_id']}")
    port = shown_map.box.locator(f"[data-port='{port_number}']")

    expect(port).to_contain_text("No news for 15 minutes; it may have changed.", timeout=WAIT_MS)
    expect(port).to_have_css("background-color", "rgb(240, 242, 243)")
    report(live_demo, station["station_id"], port_number, "charging", datetime.now(UTC))

    expect(port).to_contain_text("In use", timeout=WAIT_MS)
    expect(port).not_to_contain_text("No news")


def test_the_age_in_words_goes_on_counting(shown_map: MapUnderTest, live_demo: str) -> None:
    shown_map.page.clock.install()
    report(live_demo, "1:41613", 1, "available", datetime.now(UTC))
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")
    port = shown_map.box.locator("[data-port='1']")
    expect(port).to_contain_text("just now")

    shown_map.page.route("**/v1/stations*", lambda route: route.abort())  # nothing but the clock tells it
    shown_map.page.route("**/v1/stations/**", lambda route: route.abort())
    shown_map.page.clock.fast_forward(125_000)

    expect(port).to_contain_text("2 minutes ago")


def test_without_the_stream_it_says_so_asks_again_and_comes_back(shown_map: MapUnderTest, live_demo: str) -> None:
    note = shown_map.page.locator("#live")
    shown_map.page.route(STREAM, lambda route: route.fulfill(status=503))
    shown_map.page.clock.install()
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")
    port = shown_map.box.locator("[data-port='1']")
    expect(note).to_contain_text("Live updates are away", timeout=WAIT_MS)

    report(live_demo, "1:41613", 1, "faulted", datetime.now(UTC))
    shown_map.page.clock.fast_forward(31_000)
    expect(port).to_contain_text("Out of service", timeout=WAIT_MS)
    shown_map.page.unroute(STREAM)
    shown_map.page.clock.fast_forward(60_000)
    expect(note).to_be_hidden(timeout=WAIT_MS)
    report(live_demo, "1:41613", 1, "charging", datetime.now(UTC))

    for _ in range(200):  # the page's own clock stands still
        shown_map.page.clock.fast_forward(500)
        if "In use" in (port.text_content() or ""):
            break
        shown_map.page.wait_for_timeout(100)
    expect(port).to_contain_text("In use")


def test_the_stream_follows_the_view(shown_map: MapUnderTest) -> None:
    with shown_map.page.expect_request(STREAM) as first:
        shown_map.open(HEADQUARTERS)
    with shown_map.page.expect_request(STREAM) as second:
        shown_map.open(BAY_AREA)

    assert "key=pk_" in first.value.url
    assert first.value.url != second.value.url
