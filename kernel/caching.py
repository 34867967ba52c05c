"""How long callers may keep an answer, and which version of it they hold."""

from flask import request

FOR_AN_HOUR = "private, max-age=3600"  # what stations are
FOR_MINUTES = "private, max-age=300"  # what was reckoned over days
FOR_SECONDS = "private, max-age=5"  # what their ports are now
DOCUMENTED = {
    "ETag": {"schema": {"type": "string"}, "description": "Given back in If-None-Match: 304 while nothing changes"},
    "Cache-Control": {
        "schema": {"type": "string"},
        "description": "How long the caller may keep it: hours what stations are, seconds what ports are now",
    },
}
_ENCODINGS = ("zstd", "br", "gzip", "deflate")


def held_tag(etag: str) -> str | None:
    """The tag, as the caller wrote it, of what this tag is of; None where the caller does not hold that.

    A compressed answer has the tag of the plain one with its encoding behind it.
    """
    named = request.if_none_match
    if named.star_tag:
        return f'"{etag}"'
    tags = (etag, *(f"{etag}:{encoding}" for encoding in _ENCODINGS))
    return next((f'"{tag}"' for tag in tags if named.contains_weak(tag)), None)
