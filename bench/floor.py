"""The floor: a bare Flask route that returns the same bytes. `python -m bench.floor PORT FILE`."""

import sys
from pathlib import Path

from flask import Flask, Response

from bench.processes import serve_app


def make_app(body: bytes) -> Flask:
    """No key, no limits, no query, no database: what the web server and Flask take by themselves."""
    app = Flask(__name__, static_folder=None)

    @app.get("/v1/stations")
    @app.get("/v1/status")
    def answer() -> Response:
        return Response(body, mimetype="application/json")

    return app


if __name__ == "__main__":
    same_bytes = Path(sys.argv[2]).read_bytes()
    serve_app(int(sys.argv[1]), lambda: make_app(same_bytes))
