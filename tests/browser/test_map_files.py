"""What the map page's routes serve, and what they keep to themselves; no browser is needed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kernel.services import provide
from widget.routes import STAMP, MapPage, map_page


@pytest.fixture
def client() -> FlaskClient:
    """A client of an app that has only the map page."""
    app = Flask(__name__)
    app.register_blueprint(map_page)
    provide(app, MapPage(key=lambda: 'pk_"one"', demo_loaded=lambda: False))
    return app.test_client()


def test_the_page_carries_its_key_as_text(client: FlaskClient) -> None:
    page = client.get("/")

    assert 'name="portside-key" content="pk_&#34;one&#34;"' in page.text
    assert 'name="portside-demo" content="no"' in page.text


def test_the_page_allows_neither_inline_scripts_nor_foreign_origins(client: FlaskClient) -> None:
    page = client.get("/")

    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_everything_the_page_names_is_served(client: FlaskClient) -> None:
    page = client.get("/").text
    names = [part.split('"')[0] for part in page.split('="') if part.startswith(f"/map/{STAMP}/")]

    answers = [client.get(name, buffered=True) for name in names]

    assert len(names) > 8
    assert [answer.status_code for answer in answers] == [200] * len(names)
    assert all("immutable" in answer.headers["Cache-Control"] for answer in answers)


def test_an_old_stamp_is_answered_and_not_kept(client: FlaskClient) -> None:
    answer = client.get("/map/0123456789ab/assets/map.js", buffered=True)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["basemap/make.py", "basemap/PROVENANCE.md", "assets/../routes.py", "assets/none.js"])
def test_sources_and_strangers_are_not_served(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/map/{STAMP}/{name}", buffered=True)

    assert answer.status_code == 404


def test_the_background_is_small_enough(client: FlaskClient) -> None:
    answer = client.get(f"/map/{STAMP}/basemap/land.json", buffered=True)

    assert len(answer.data) <= 400_000
    assert {"lines", "land", "borders", "states", "countries", "places"} <= set(answer.get_json())
