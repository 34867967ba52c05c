"""Settings: the defaults, what is accepted, and one clear line without secrets for everything else."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import SettingsError
from kernel.places import cache_socket
from kernel.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
LONG_VAR = Path("/nowhere") / ("long" * 30)


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(environ)
    return str(refused.value)


def test_without_variables_everything_has_a_default() -> None:
    settings = read_settings({"PATH": "/bin", "PORTSIDE_TEST_DATABASE_URL": "", "PORTSIDE_REAL_DATA": "x"})

    assert settings.database_url == f"sqlite:///{ROOT}/var/portside.db"
    assert settings.redis_url == f"unix://{ROOT}/var/cache.sock"
    assert settings.embedded_cache
    assert (settings.host, settings.port, settings.web_concurrency) == ("127.0.0.1", 8000, 2)
    assert (settings.demo, settings.demo_moves) == (True, True)
    assert (settings.stale_after_s, settings.unreachable_after_s) == (900, 3600)


def test_paths_count_from_the_working_directory() -> None:
    settings = read_settings({"PORTSIDE_VAR": "here", "PORTSIDE_DATABASE_URL": "sqlite:///my.db"})

    assert settings.var == Path.cwd() / "here"
    assert settings.database_url == f"sqlite:///{Path.cwd() / 'my.db'}"


def test_the_database_lies_in_var() -> None:
    settings = read_settings({"PORTSIDE_VAR": "/some/where"})

    assert settings.database_url == "sqlite:////some/where/portside.db"


def test_a_geocoder_is_told_by_its_kind_and_its_place() -> None:
    settings = read_settings({"PORTSIDE_GEOCODER_URL": "photon+https://geo.example:8080/api/"})

    assert settings.geocoder_url == "photon+https://geo.example:8080/api"
    for wrong in (
        "https://geo.example",
        "google+https://geo.example",
        "photon+ftp://geo.example",
        "photon+http://",
        "",
    ):
        assert "nominatim+https://host" in refusal(PORTSIDE_GEOCODER_URL=wrong)


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("postgresql://u:p%40@h:5432/db", "postgresql+psycopg://u:p%40@h:5432/db"),
        ("postgresql+psycopg:///db?host=/run/pg", "postgresql+psycopg:///db?host=%2Frun%2Fpg"),
        ("sqlite:////data/p.db", "sqlite:////data/p.db"),
    ],
)
def test_a_database_url_names_its_driver(given_url: str, url: str) -> None:
    settings = read_settings({"PORTSIDE_DATABASE_URL": given_url})

    assert settings.database_url == url


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("redis://cache", "redis://cache"),
        ("rediss://:p%40@cache:6380/1", "rediss://:p%40@cache:6380/1"),
        ("valkey://[::1]:6379/0", "redis://[::1]:6379/0"),
        ("valkeys://cache/0", "rediss://cache/0"),
        ("unix:///run/cache.sock?db=1", "unix:///run/cache.sock?db=1"),
    ],
)
def test_a_cache_url_is_one_that_the_client_knows(given_url: str, url: str) -> None:
    settings = read_settings({"PORTSIDE_REDIS_URL": given_url})

    assert settings.redis_url == url
    assert not settings.embedded_cache


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        *[
            ("PORTSIDE_PORT", value, "from 1 to 65535")
            for value in ("0", "65536", "-1", "8_000", "٨", " 8000", "1.5", "")
        ],
        *[("WEB_CONCURRENCY", value, "from 1 to 64") for value in ("0", "65", "two", "")],
        *[("PORTSIDE_STALE_AFTER_S", value, "a whole number from 1") for value in ("0", "15m")],
        *[("PORTSIDE_DEMO", value, "expected auto or off") for value in ("on", "AUTO", "true", "")],
        *[("PORTSIDE_DEMO_MOVES", value, "expected on or off") for value in ("auto", "1")],
        *[("PORTSIDE_HOST", value, "an address or a host name") for value in ("", "http://x", "a b", "a\n")],
        *[("PORTSIDE_VAR", value, "a directory") for value in ("", "a\nb", "a\0b")],
        *[
            ("PORTSIDE_DATABASE_URL", value, "postgresql://user:password@host/database or sqlite:///")
            for value in (
                "",
                "x",
                "sqlite://",
                "sqlite:///:memory:",
                "sqlite:///file:x",
                "mysql://h/d",
                "postgres://h/d",
            )
        ],
        *[
            ("PORTSIDE_REDIS_URL", value, "redis://host:port/0")
            for value in (
                "",
                "h:6379",
                "redis://",
                "redis://h:0",
                "redis://h:99999",
                "redis://h/x",
                "unix://",
                "http://h",
            )
        ],
    ],
)
def test_a_bad_value_is_named_with_what_is_expected(name: str, value: str, expected: str) -> None:
    said = refusal(**{name: value})

    assert said.startswith(f"{name} is ")
    assert expected in said
    assert said.isprintable()


def test_unreachable_comes_after_stale() -> None:
    assert "expected more than PORTSIDE_STALE_AFTER_S, which is 3600" in refusal(PORTSIDE_STALE_AFTER_S="3600")


def test_several_faults_are_told_at_once_on_one_line() -> None:
    said = refusal(PORTSIDE_PORT="x", WEB_CONCURRENCY="y")

    assert "PORTSIDE_PORT" in said
    assert "WEB_CONCURRENCY" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "meant"),
    [("PORTSIDE_PROT", "PORTSIDE_PORT"), ("PORTSIDE_REDIS", "PORTSIDE_REDIS_URL"), ("PORTSIDE_port", "PORTSIDE_PORT")],
)
def test_a_misspelt_name_gets_the_nearest_one(name: str, meant: str) -> None:
    assert refusal(**{name: "secret"}) == f"'{name}' is not a setting; did you mean {meant}?"


def test_a_strange_name_gets_the_list() -> None:
    assert "there are PORTSIDE_DATABASE_URL, PORTSIDE_DEMO," in refusal(PORTSIDE_QQQQQ="1")


@given(
    name=st.sampled_from(["PORTSIDE_DATABASE_URL", "PORTSIDE_REDIS_URL"]),
    frame=st.sampled_from(
        ["redis://u:{}@h:bad", "rediss://{}", "{}", "u:{}@h", "postgresql:{}", "mysql://u:{}@h/d", "redis://h?{}@x"]
    ),
    secret=st.text("QXZ7@:/?#%[]", min_size=12),
)
def test_a_refused_url_never_shows_its_password(name: str, frame: str, secret: str) -> None:
    try:
        read_settings({name: frame.format(secret)})
    except SettingsError as error:
        said = str(error)

        assert not set(said.split(";")[0].removeprefix(name)) & set("QXZ7@")


@given(st.dictionaries(st.sampled_from(sorted(os.environ)) | st.text(), st.text()))
def test_other_variables_are_not_ours(environ: dict[str, str]) -> None:
    others = {name: value for name, value in environ.items() if not name.startswith(("PORTSIDE_", "WEB_CONCURRENCY"))}

    assert read_settings(others) == read_settings({})


def test_the_repr_hides_the_urls() -> None:
    settings = read_settings(
        {"PORTSIDE_REDIS_URL": "redis://:sesame@h", "PORTSIDE_DATABASE_URL": "postgresql://u:sesame@h"}
    )

    assert "sesame" not in repr(settings)


def test_a_long_var_has_its_socket_in_a_short_private_place() -> None:
    place = cache_socket(LONG_VAR).parent
    mode = place.stat().st_mode & 0o777
    place.rmdir()

    assert len(os.fsencode(place / "cache.sock")) < 104
    assert mode == 0o700


def test_a_short_place_that_others_can_enter_is_refused() -> None:
    place = cache_socket(LONG_VAR).parent
    place.chmod(0o755)

    with pytest.raises(SettingsError, match="open to other accounts"):
        cache_socket(LONG_VAR)
    place.rmdir()
