"""The floor of snapshots: the same bytes from a list, by a bare Flask route. `python -m bench.list_floor PORT FILE`."""

import sys
from pathlib import Path

from flask import Flask, Response

from bench.processes import serve_app

CHUNK_BYTES = 65_536


def make_app(body: bytes) -> Flask:
    """No key, no limits, no file: what the web server and Flask take to write a list of chunks."""
    app = Flask(__name__, static_folder=None)
    chunks = [body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES)]

    @app.get("/list")
    def answer() -> Response:
        response = Response(iter(chunks), mimetype="text/csv")
        response.content_length = len(body)
        return response

    return app


if __name__ == "__main__":
    same_bytes = Path(sys.argv[2]).read_bytes()
    serve_app(int(sys.argv[1]), lambda: make_app(same_bytes))
