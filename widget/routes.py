"""Serves the map at `/` and everything it loads, all from this origin."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, send_from_directory
from xstatic.pkg import leaflet, leaflet_markercluster

from kernel.remembered import Remembered
from kernel.services import service

HERE = Path(__file__).parent
FOLDERS = {
    "assets": HERE / "assets",
    "basemap": HERE / "basemap",
    "leaflet": Path(leaflet.BASE_DIR),
    "markercluster": Path(leaflet_markercluster.BASE_DIR),
}
SERVED = {".css", ".js", ".json", ".png", ".svg"}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)

map_page = Blueprint("map_page", __name__, template_folder=".")


@dataclass(frozen=True, slots=True)
class MapPage:
    """What the page is told: its publishable key (`pk_…`), and whether the demo network is loaded.

    `embedders` are the origins that may show the page in a frame: those with a publishable key of their own.
    """

    key: Callable[[], str]
    demo_loaded: Callable[[], bool]
    embedders: Callable[[], Iterable[str]] = tuple
    remembered: Remembered[str, tuple[str, bool]] = field(default_factory=lambda: Remembered(fresh_s=0))

    def told(self) -> tuple[str, bool]:
        """Key and demo; the last ones while the database is away."""
        return self.remembered.of("page", lambda: (self.key(), self.demo_loaded())) or ("", False)


def _stamp() -> str:
    """A name for these very files: a page asks for the files it was made for, however long they are cached."""
    digest = hashlib.sha256()
    for folder in FOLDERS.values():
        for path in sorted(folder.rglob("*")):
            if path.suffix in SERVED:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


STAMP = _stamp()


@map_page.get("/")
def show_map() -> Response:
    """The page, with the key it calls the API with."""
    page = service(MapPage)
    key, demo = page.told()
    html = render_template("map.html", key=key, demo=demo, stamp=STAMP)
    response = make_response(html)
    ancestors = " ".join(["'self'", *sorted(page.embedders())])
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {ancestors}"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response


@map_page.get("/map/<stamp>/<any(assets, basemap, leaflet, markercluster):folder>/<path:name>")
def map_file(stamp: str, folder: str, name: str) -> Response:
    """A script, style, picture or outline of the page; kept for a year under its own stamp, else for no time."""
    if Path(name).suffix not in SERVED:
        return Response("not found\n", status=404, mimetype="text/plain")
    response = send_from_directory(FOLDERS[folder], name)
    current = stamp == STAMP
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
