"""A real Chromium for the map's tests; where there is none they say so aloud and do not run."""

import shutil
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.map_page import MapUnderTest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The browser, started once."""
    if shutil.which(CHROMIUM) is None:
        say_aloud(request, f"THE MAP WAS NOT TESTED: no Chromium at {CHROMIUM} (Debian: apt-get install chromium)")
        pytest.skip(f"no Chromium at {CHROMIUM}: the map was not tested")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def say_aloud(request: pytest.FixtureRequest, words: str) -> None:
    """Writes a line past pytest's capture, so that a skip does not pass for a success."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stderr.write(f"\n*** {words} ***\n")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty tab of 1280 by 800 pixels."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    yield context.new_page()
    context.close()


@pytest.fixture
def shown_map(page: Page, live_demo: str) -> MapUnderTest:
    """The map of the running demo, not yet opened."""
    return MapUnderTest(page, live_demo)
