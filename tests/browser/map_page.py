"""The map as a reader meets it: open a place, read the list and the box, and note what went wrong behind the screen."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

HEADQUARTERS = "#17/37.2615/-121.9577"
BAY_AREA = "#9/37.5/-122.1"


class MapUnderTest:
    """A tab with the map in it; `faults` are console errors, exceptions and refused content; `strangers` are requests
    that left the origin."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url.rstrip("/")
        self.faults: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._check)

    def open(self, view: str = "") -> "MapUnderTest":
        """Opens the page at a view of the address bar and waits until the stations are there."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.base_url}/{view}")
        self.settle()
        return self

    def settle(self) -> None:
        """Waits until no answer is outstanding."""
        expect(self.page.locator("#map")).to_have_attribute("aria-busy", "false", timeout=20_000)

    @property
    def count(self) -> int:
        """How many stations the page says are in view."""
        words = self.page.locator("#count").text_content() or ""
        found = re.search(r"([\d,]+) station", words)
        return int(found[1].replace(",", "")) if found else 0

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("dialog")

    def listed(self, name: str) -> Locator:
        """The button of a station in the list."""
        return self.page.locator("#list button").filter(has_text=name)

    def filter(self, label: str) -> None:
        """Checks a filter by its label and waits for the answer."""
        with self.page.expect_response(lambda response: "/v1/stations?" in response.url):
            self.page.get_by_label(label, exact=True).check()
        self.settle()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def _check(self, request: Request) -> None:
        ours = urlsplit(request.url)[:2] == urlsplit(self.base_url)[:2]
        if not ours and not request.url.startswith(("data:", "blob:")):
            self.strangers.append(request.url)
