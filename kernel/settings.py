"""Settings: what the environment says, read once, refused with one clear line when it cannot be."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kernel.errors import SettingsError
from kernel.places import cache_socket

_ROOT = Path(__file__).resolve().parent.parent
_YEAR_S = 31_536_000
_READ_BY_TESTS = frozenset({"PORTSIDE_TEST_DATABASE_URL", "PORTSIDE_REAL_DATA"})
_POSTGRES = frozenset({"postgresql", "postgresql+psycopg"})
_GEOCODER = re.compile(r"(nominatim|photon|pelias)\+https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_CACHES = {"redis": "redis", "valkey": "redis", "rediss": "rediss", "valkeys": "rediss", "unix": "unix"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set from outside; the two URLs may hold passwords and stay out of the repr.

    `redis_url` is the one in effect: with `embedded_cache` the Unix socket on which `serve` starts a cache.
    """

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    geocoder_url: str | None = field(repr=False)
    embedded_cache: bool
    var: Path
    host: str
    port: int
    demo: bool
    demo_moves: bool
    stale_after_s: int
    unreachable_after_s: int
    web_concurrency: int
    stream_clients: int
    stream_heartbeat_s: int


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that these environment variables ask for.

    Paths come back absolute: a given one counts from the working directory, the default `var` lies in the checkout.
    Raises SettingsError with one line that names each bad variable, what was given (never a password) and what is
    expected.
    """
    given = _ours(environ)
    try:
        values = _Environment().load(given)
    except ValidationError as error:
        raise SettingsError(" ".join(_complaint(name, given[name]) for name in sorted(error.messages_dict))) from None
    if values["unreachable_after_s"] <= values["stale_after_s"]:
        raise SettingsError(
            f"PORTSIDE_UNREACHABLE_AFTER_S is {values['unreachable_after_s']}; "
            f"expected more than PORTSIDE_STALE_AFTER_S, which is {values['stale_after_s']}."
        )
    return _settings(**values)


def _settings(*, var: Path, database_url: str | None, redis_url: str | None, **rest: Any) -> Settings:
    sqlite = URL.create("sqlite", database=str(var / "portside.db"))
    return Settings(
        var=var,
        database_url=database_url or sqlite.render_as_string(),
        redis_url=redis_url or f"unix://{quote(str(cache_socket(var)))}",
        embedded_cache=redis_url is None,
        **rest,
    )


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are meant for us; raises SettingsError for names that look so and are not settings."""
    unknown = {name for name in environ if name.startswith("PORTSIDE_")} - _EXPECTED.keys() - _READ_BY_TESTS
    if unknown:
        raise SettingsError(" ".join(f"{name!a} is not a setting; {_nearest(name)}" for name in sorted(unknown)))
    return {name: value for name, value in environ.items() if name in _EXPECTED}


def _nearest(name: str) -> str:
    words = {known.removeprefix("PORTSIDE_"): known for known in sorted(_EXPECTED)}
    near = difflib.get_close_matches(name.upper().removeprefix("PORTSIDE_"), words, n=1, cutoff=0.5)
    return f"did you mean {words[near[0]]}?" if near else f"there are {', '.join(words.values())}."


def _complaint(name: str, value: str) -> str:
    return f"{name} is {_shown(name, value)}; expected {_EXPECTED[name]}."


def _shown(name: str, value: str) -> str:
    """What was given; of a URL the scheme only, since in a malformed one the password can be anywhere."""
    if not value:
        return "empty"
    if not name.endswith("_URL"):
        return ascii(value if len(value) <= 40 else f"{value[:40]}…")
    scheme = re.match(r"[a-z0-9+]{1,20}(?=://)", value)
    return f"'{scheme[0]}://…'" if scheme else "not a URL of this kind"


class _WholeNumber(fields.Integer):
    """Plain digits only: `int` would also take "1_000", "٣" and blanks."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        expected = f"a whole number from {low} to {high}"
        super().__init__(validate=validate.Range(low, high), metadata={"expected": expected}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise ValidationError("not a whole number")
        return super()._deserialize(value, attr, data, **kwargs)


class _Switch(fields.Field[bool]):
    """One of two words; the first means yes and is the default."""

    def __init__(self, yes: str, no: str, **kwargs: Any) -> None:
        self.words = {yes: True, no: False}
        super().__init__(load_default=True, metadata={"expected": f"{yes} or {no}"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in self.words:
            raise ValidationError("neither word")
        return self.words[value]


class _Directory(fields.Field[Path]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Path:
        if not value or not value.isprintable():
            raise ValidationError("not a path")
        return Path(value).absolute()


class _DatabaseUrl(fields.Field[str]):
    """PostgreSQL through psycopg, or an SQLite file: several processes cannot share a database in memory."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            url = make_url(value)
        except (ArgumentError, ValueError) as error:
            raise ValidationError("not a database URL") from error
        if url.drivername in _POSTGRES:
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        if url.drivername != "sqlite" or url.host or not url.database or url.database.startswith((":", "file:")):
            raise ValidationError("not a database that is known here")
        return url.set(database=str(Path(url.database).absolute())).render_as_string()


class _RedisUrl(fields.Field[str]):
    """Redis or Valkey, written the way the client library knows it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in _CACHES:
            raise ValidationError("not a scheme that is known here")
        url = f"{_CACHES[scheme]}://{rest}"
        if not _reachable(url):
            raise ValidationError("not a cache URL")
        return url


class _GeocoderUrl(fields.Field[str]):
    """The kind of geocoder, and where it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not _GEOCODER.fullmatch(value):
            raise ValidationError("not a geocoder URL")
        return str(value).rstrip("/")


def _reachable(url: str) -> bool:
    """Whether the URL says where to connect: a socket's path, or a host with at most a port and a database number."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            return parts.path.startswith("/") and parts.path != "/"
        return bool(parts.hostname) and parts.port != 0 and re.fullmatch(r"(/[0-9]*)?", parts.path) is not None
    except ValueError:
        return False


class _Environment(Schema):
    """The variables, their defaults, and in words what each expects."""

    database_url = _DatabaseUrl(
        data_key="PORTSIDE_DATABASE_URL",
        load_default=None,
        metadata={"expected": "postgresql://user:password@host/database or sqlite:///path/to/file.db"},
    )
    redis_url = _RedisUrl(
        data_key="PORTSIDE_REDIS_URL",
        load_default=None,
        metadata={"expected": "redis://host:port/0, rediss://…, valkey://… or unix:///path/to/socket"},
    )
    geocoder_url = _GeocoderUrl(
        data_key="PORTSIDE_GEOCODER_URL",
        load_default=None,
        metadata={"expected": "nominatim+https://host, photon+https://host or pelias+https://host; http too"},
    )
    var = _Directory(data_key="PORTSIDE_VAR", load_default=_ROOT / "var", metadata={"expected": "a directory"})
    host = fields.String(
        data_key="PORTSIDE_HOST",
        load_default="127.0.0.1",
        validate=validate.Regexp(r"[0-9A-Za-z.:_%-]+\Z"),
        metadata={"expected": "an address or a host name of this machine"},
    )
    port = _WholeNumber(1, 65_535, data_key="PORTSIDE_PORT", load_default=8000)
    demo = _Switch("auto", "off", data_key="PORTSIDE_DEMO")
    demo_moves = _Switch("on", "off", data_key="PORTSIDE_DEMO_MOVES")
    stale_after_s = _WholeNumber(1, _YEAR_S, data_key="PORTSIDE_STALE_AFTER_S", load_default=900)
    unreachable_after_s = _WholeNumber(2, _YEAR_S, data_key="PORTSIDE_UNREACHABLE_AFTER_S", load_default=3600)
    web_concurrency = _WholeNumber(1, 64, data_key="WEB_CONCURRENCY", load_default=2)
    stream_clients = _WholeNumber(1, 100_000, data_key="PORTSIDE_STREAM_CLIENTS", load_default=4000)
    stream_heartbeat_s = _WholeNumber(1, 300, data_key="PORTSIDE_STREAM_HEARTBEAT_S", load_default=15)


_EXPECTED = {str(known.data_key): str(known.metadata["expected"]) for known in _Environment().load_fields.values()}
