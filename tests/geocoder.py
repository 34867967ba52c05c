"""A geocoder for tests: answers over HTTP on loopback as it is told to, and counts what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class StubGeocoder:
    """`says` is what each answer is made of: an object for JSON, bytes as they are."""

    url: str = ""
    says: Any = field(default_factory=list)
    status: int = 200
    drips_s: float = 0.0
    asked: list[dict[str, list[str]]] = field(default_factory=list)


def nominatim(lat: float, lon: float) -> list[dict[str, str]]:
    """What Nominatim says of a place."""
    return [{"lat": str(lat), "lon": str(lon), "display_name": "Somewhere"}]


def features(lat: float, lon: float) -> dict[str, Any]:
    """What Photon and Pelias say of a place."""
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"features": [{"geometry": point, "properties": {"name": "Somewhere", "label": "Somewhere"}}]}


@contextmanager
def geocoder() -> Iterator[StubGeocoder]:
    stub = StubGeocoder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.asked.append(parse_qs(urlsplit(self.path).query))
            body = stub.says if isinstance(stub.says, bytes) else json.dumps(stub.says).encode()
            self.send_response(stub.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for letter in (body[place : place + 1] for place in range(len(body))) if stub.drips_s else (body,):
                self.wfile.write(letter)
                time.sleep(stub.drips_s)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
