"""The map while announced maintenance goes on: the notice, the box, and that nothing disappears."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.map_page import BAY_AREA, HEADQUARTERS, MapUnderTest
from tests.browser.reports import announce_maintenance, cancel_maintenance, report

MESSAGE = "Upgrade <b>tonight</b>; you can always charge."
HQ14 = "1:41613"
NEXT_LOOK_MS = 40_000  # a server may know of a window a second later, and the page looks again after thirty


@pytest.fixture
def announced(live_demo: str) -> Iterator[str]:
    """A window of HQ14 alone, from now on, after its first port has reported."""
    report(live_demo, HQ14, 1, "available", datetime.now(UTC))
    made = announce_maintenance(live_demo, HQ14, MESSAGE, hours=2)
    yield made
    cancel_maintenance(live_demo, made)


def test_the_message_stands_over_the_map_and_in_the_box(shown_map: MapUnderTest, announced: str) -> None:
    shown_map.open(f"{HEADQUARTERS}/1%3A41613")

    expect(shown_map.page.locator("#notice")).to_contain_text(f": {MESSAGE}", timeout=NEXT_LOOK_MS)
    expect(shown_map.page.locator("#notice")).to_contain_text("Maintenance until ")
    port = shown_map.box.locator("[data-port='1']")
    expect(port.locator(".asof")).to_contain_text("Status as of ")
    expect(port.locator(".asof")).to_contain_text(f"(maintenance: {MESSAGE})")
    expect(port).to_contain_text("Announced maintenance delays the status")
    expect(shown_map.listed("CHARGEPOINT / HQ14")).to_be_visible()
    assert shown_map.faults == []


def test_where_no_station_is_concerned_there_is_no_notice(shown_map: MapUnderTest, announced: str) -> None:
    shown_map.open("#15/47.5515/-120.6804")
    expect(shown_map.page.locator("#notice")).to_be_hidden()

    shown_map.open(BAY_AREA)
    expect(shown_map.page.locator("#notice")).to_be_visible(timeout=NEXT_LOOK_MS)


def test_the_notice_goes_with_the_window(shown_map: MapUnderTest, live_demo: str, announced: str) -> None:
    shown_map.page.clock.install()
    shown_map.open(HEADQUARTERS)
    _after_some_looks(shown_map, expect(shown_map.page.locator("#notice")).to_be_visible)

    cancel_maintenance(live_demo, announced)
    shown_map.page.clock.fast_forward(181_000)

    _after_some_looks(shown_map, expect(shown_map.page.locator("#notice")).to_be_hidden)


def _after_some_looks(shown_map: MapUnderTest, shows: Callable[[], None]) -> None:
    """While it hears the stream the page looks every three minutes of its clock; a server may know a second late."""
    for _ in range(4):
        with suppress(AssertionError):
            return shows()
        shown_map.page.clock.fast_forward(181_000)
    return shows()
