"""Compression of answers as callers ask for it: gzip, br and zstd, of streams too."""

from flask import Flask
from flask_compress import Compress

_TYPES = (
    "application/json application/geo+json text/csv text/html text/css text/plain text/javascript "
    "application/javascript image/svg+xml"
)


def compress_answers(app: Flask) -> None:
    """The library's own lists lack our media types, and gzip for streams."""
    app.config.update(
        COMPRESS_MIMETYPES=_TYPES.split(),
        COMPRESS_ALGORITHM_STREAMING=["zstd", "br", "gzip", "deflate"],
    )
    Compress(app)
