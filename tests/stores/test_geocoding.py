"""Geocoding against a real server: each kind of geocoder, what is kept, and every way in which it can fail."""

from collections.abc import Iterator

import pytest

from finder import geocoder_answers, geocoding
from finder.geocoding import GeocoderUnavailable, Geocoding, in_one_line
from finder.question import Around
from kernel.cache import Cache
from tests.geocoder import StubGeocoder, features, geocoder, nominatim
from tests.servers import CacheServer

GENT = Around(city="Gent", country="BE")


@pytest.fixture
def stub() -> Iterator[StubGeocoder]:
    with geocoder() as stub:
        yield stub


@pytest.fixture
def cache(cache_server: CacheServer) -> Iterator[Cache]:
    cache = Cache(cache_server.url)
    yield cache
    cache.attempt(lambda client: client.flushall())
    cache.close()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geocoding, "_EVERY_MS", 1)


@pytest.mark.parametrize(("kind", "says"), [("nominatim", nominatim), ("photon", features), ("pelias", features)])
def test_each_kind_says_where_a_place_is(stub: StubGeocoder, cache: Cache, kind: str, says: object) -> None:
    stub.says = says(51.05, 3.72)  # type: ignore[operator]

    assert Geocoding(f"{kind}+{stub.url}", cache).point_of(GENT) == (51.05, 3.72)
    assert "Gent, BE" in (stub.asked[0].get("q") or stub.asked[0]["text"])


@pytest.mark.parametrize(("says", "point"), [(nominatim(51.05, 3.72), (51.05, 3.72)), ([], None)])
def test_a_place_is_asked_for_once(stub: StubGeocoder, cache: Cache, says: object, point: object) -> None:
    stub.says = says

    found = [Geocoding(f"nominatim+{stub.url}", cache).point_of(GENT) for _ in range(3)]

    assert (found, len(stub.asked)) == ([point] * 3, 1)


def test_without_the_cache_it_is_asked_every_time(stub: StubGeocoder) -> None:
    stub.says = nominatim(51.05, 3.72)
    asking = Geocoding(f"nominatim+{stub.url}", Cache("redis://127.0.0.1:1/0"))

    assert [asking.point_of(GENT), asking.point_of(GENT)] == [(51.05, 3.72)] * 2
    assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("says", "status"),
    [
        (b"<html>", 200),
        (b"", 200),
        ({"error": "no"}, 200),
        ([{"lat": "here", "lon": "3"}], 200),
        ([{"lat": "91", "lon": "3"}], 200),
        ([{"lat": "nan", "lon": "3"}], 200),
        ([{}], 200),
        (7, 200),
        (b"[" + b" " * geocoder_answers.MOST_BYTES + b"]", 200),
        ([], 429),
        ([], 500),
    ],
)
def test_what_cannot_be_used_is_a_failure_and_not_kept(
    stub: StubGeocoder, cache: Cache, says: object, status: int
) -> None:
    stub.says, stub.status = says, status
    asking = Geocoding(f"nominatim+{stub.url}", cache)

    with pytest.raises(GeocoderUnavailable):
        asking.point_of(GENT)

    stub.says, stub.status = nominatim(51.05, 3.72), 200
    assert Geocoding(f"nominatim+{stub.url}", cache).point_of(GENT) == (51.05, 3.72)


def test_after_a_failure_it_is_left_alone(stub: StubGeocoder, cache: Cache) -> None:
    stub.status = 500
    asking = Geocoding(f"nominatim+{stub.url}", cache)

    for _ in range(3):
        with pytest.raises(GeocoderUnavailable) as refused:
            asking.point_of(GENT)

    assert (len(stub.asked), refused.value.headers["Retry-After"]) == (1, "5")


def test_an_answer_that_drips_is_given_up(stub: StubGeocoder, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geocoding, "LONGEST_S", 0.2)
    stub.says, stub.drips_s = nominatim(51.05, 3.72), 0.05

    with pytest.raises(GeocoderUnavailable):
        Geocoding(f"nominatim+{stub.url}", cache).point_of(GENT)


def test_a_server_that_is_not_there_is_a_failure(cache: Cache) -> None:
    with pytest.raises(GeocoderUnavailable):
        Geocoding("photon+http://127.0.0.1:1", cache).point_of(GENT)


def test_processes_take_turns(stub: StubGeocoder, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geocoding, "_EVERY_MS", 3_600_000)
    monkeypatch.setattr(geocoding, "_WAITS_S", 0.1)
    Geocoding(f"nominatim+{stub.url}", cache).point_of(GENT)

    with pytest.raises(GeocoderUnavailable):
        Geocoding(f"nominatim+{stub.url}", cache).point_of(Around(city="Brugge"))

    assert len(stub.asked) == 1


def test_nothing_is_said_twice_to_the_geocoder() -> None:
    whole = Around(address="Korenmarkt 1, 9000 Gent", city="Gent", postal_code="9000", country="BE")

    assert in_one_line(whole) == "Korenmarkt 1, 9000 Gent, BE"
    assert in_one_line(Around(city="Gent", state="OV", postal_code="9000", country="BE")) == "Gent, OV 9000, BE"
