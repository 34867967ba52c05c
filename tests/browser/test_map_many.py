"""The map of many thousands of stations: clusters from the world down to the street, by mouse and by keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench.many import fill_many
from tests.browser.map_page import MapUnderTest
from tests.live import serving

STATIONS = 6_000
WORLD = "#2/30/0"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with many stations."""
    var = tmp_path_factory.mktemp("crowded") / "var"
    var.mkdir()
    database_url = f"sqlite:///{var}/portside.db"
    fill_many(var=var, database_url=database_url, stations=STATIONS, seed=7)
    with serving(var, PORTSIDE_DATABASE_URL=database_url, PORTSIDE_DEMO="off") as base:
        yield base


@pytest.fixture
def crowd(page: Page, crowded: str) -> MapUnderTest:
    return MapUnderTest(page, crowded)


def drawn(crowd: MapUnderTest) -> int:
    """How many stations the clusters and pins on the map stand for."""
    clusters = crowd.page.locator(".cluster b").all_text_contents()
    return sum(int(words.replace(",", "")) for words in clusters) + crowd.page.locator(".pin").count()


def test_the_whole_world_shows_every_station(crowd: MapUnderTest) -> None:
    crowd.open(WORLD)

    assert crowd.count == drawn(crowd) > 0.9 * STATIONS
    expect(crowd.page.locator("#cut")).to_contain_text("100 nearest to the middle of the map are listed")
    assert crowd.page.locator("#list button").count() == 100
    assert crowd.faults == []


def test_clusters_lead_down_to_single_stations(crowd: MapUnderTest) -> None:
    crowd.open(WORLD)
    for _ in range(12):
        if crowd.page.locator(".pin").count() and crowd.count <= 200:
            break
        before = crowd.page.url
        crowd.page.locator(".cluster").first.focus()
        crowd.page.keyboard.press("Enter")
        crowd.page.wait_for_function("before => location.href !== before", arg=before)
        crowd.settle()
        assert drawn(crowd) == crowd.count > 0

    crowd.page.locator("#list button").first.click()

    expect(crowd.box.locator(".port")).to_have_count(2)


def test_a_cluster_tells_a_screen_reader_what_it_holds(crowd: MapUnderTest) -> None:
    crowd.open(WORLD)

    cluster = crowd.page.locator(".cluster").first
    label = cluster.get_attribute("aria-label") or ""

    assert re.fullmatch(r"[\d,]+ stations, [\d,]+ with a free port\. Zoom in\.", label)
    expect(cluster).to_have_attribute("role", "button")
    expect(cluster).to_have_attribute("tabindex", "0")


def test_a_filter_and_a_small_move_change_no_cluster_that_stays_in_view(crowd: MapUnderTest) -> None:
    crowd.open("#5/40/-100")
    before = set(crowd.page.locator(".cluster").evaluate_all("all => all.map((each) => each.title)"))

    with crowd.page.expect_response(lambda response: "/v1/map/clusters" in response.url):
        crowd.page.evaluate(
            "history.replaceState(null, '', '#5/40/-99.5'); dispatchEvent(new HashChangeEvent('hashchange'))"
        )
    crowd.settle()
    after = set(crowd.page.locator(".cluster").evaluate_all("all => all.map((each) => each.title)"))

    assert len(before & after) >= 0.6 * len(before) > 0
    with crowd.page.expect_response(
        lambda response: "/v1/map/clusters" in response.url and "available" in response.url
    ):
        crowd.page.get_by_label("Available now").check()
    crowd.settle()
    assert 0 < crowd.count == drawn(crowd)
