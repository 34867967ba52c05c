"""The latest statuses in the cache: a hash per station, and an index of stations by their freshness time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import orjson

from finder.domain.status import Report, TechnicalStatus
from kernel.cache import Cache, CacheDown
from kernel.errors import TemporarilyUnavailable
from kernel.installation import Installation

_Station = tuple[int, float, list[str]]  # a station's key, its last contact, and fields with their values in turn
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_WHOLE = b"*"  # a field that says: everything the database knows of this station is here
_AT_ONCE = 500  # stations in one script, which holds up every other caller of the cache
_CHANGES_LISTED = 1_000  # scripts; who was away for longer reads everything anew

Mark = bytes  # the place of a change in the list of changes

# KEYS: the freshness index, the list of changes, then the hash of each station. ARGV: how long the list is; then in
# JSON, of each station its member in the index, its freshness time, and its fields and values in turn; a value begins
# with its report's order as four numbers. The field `*` is written as it is. A held value that is not one of ours is
# written over. One document in the place of an argument for each value halves what the client has to do.
KEEP_IF_NEWER = """
local ORDER = '^(%d+) (%d+) (%d+) (%d+) '
local function is_newer(value, held)
  local old = {string.match(held, ORDER)}
  if not old[1] then return true end
  local new = {string.match(value, ORDER)}
  for n = 1, 4 do
    local was, is = tonumber(old[n]), tonumber(new[n])
    if is ~= was then return is > was end
  end
  return false
end
local changed = {}
for i, station in ipairs(cjson.decode(ARGV[2])) do
  local key, fields, kept = KEYS[i + 2], station[3], false
  for f = 1, #fields, 2 do
    local field, value = fields[f], fields[f + 1]
    if field == '*' then
      redis.call('HSET', key, field, value)
    elseif is_newer(value, redis.call('HGET', key, field) or '') then
      redis.call('HSET', key, field, value)
      kept = true
    end
  end
  if kept then
    redis.call('ZADD', KEYS[1], 'GT', station[2], station[1])
    changed[#changed + 1] = station[1]
  end
end
if changed[1] then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'stations', table.concat(changed, ' '))
end
"""


class StatusCache:
    """Compare-and-set on (reported_at, sequence), so that a late report never wins. Raises CacheDown."""

    def __init__(self, cache: Cache, installation: Installation) -> None:
        self._cache = cache
        self._installation = installation

    def latest(self, station_pks: Sequence[int]) -> dict[int, dict[int, Report] | None]:
        """Station key → port key → latest report, in one round trip; None where the cache does not know."""
        if not station_pks:
            return {}

        keys = [self._key(pk) for pk in station_pks]

        def fetch(client: Any) -> list[dict[bytes, bytes]]:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.hgetall(key)
            hashes: list[dict[bytes, bytes]] = pipeline.execute()
            return hashes

        try:
            return dict(zip(station_pks, map(_reports, self._cache.attempt(fetch)), strict=True))
        except ValueError as error:
            raise CacheDown("it holds what we did not write") from error

    def keep_if_newer(self, reports: Mapping[int, Mapping[int, Report]]) -> None:
        """Station key → port key → report: written where they are newer than what is there."""
        self._keep(_station(station_pk, by_port) for station_pk, by_port in reports.items())

    def keep_whole(self, reports: Mapping[int, Mapping[int, Report]]) -> None:
        """What the database knows of these stations, so that the next question need not ask it.

        The reports and the word that they are all are written together: a flush in between would leave the word alone.
        """
        self._keep(_station(station_pk, by_port, whole=True) for station_pk, by_port in reports.items())

    def _keep(self, stations: Iterable[_Station]) -> None:
        """Write what is kept of each station in one script, of some stations at once."""
        remaining = iter(stations)
        while some := list(islice(remaining, _AT_ONCE)):
            hashes = (self._key(station_pk) for station_pk, _, _ in some)
            keys = (self._by_freshness(), self._changes(), *hashes)
            self._cache.attempt(partial(_run, keys, orjson.dumps(some)))

    def begin_following(self) -> Mark:
        """A mark in the list of changes: every change after this call comes behind it."""
        entry = {"stations": ""}
        mark: Mark = self._cache.attempt(
            lambda client: client.xadd(self._changes(), entry, maxlen=_CHANGES_LISTED, approximate=True)
        )
        return mark

    def changed_since(self, mark: Mark) -> tuple[Mark, set[int]] | None:
        """The newest mark, and the keys of the stations that were written after the given one.

        None where the list does not go back to the mark, or has been emptied: anything may have changed.
        """
        entries = self._cache.attempt(
            lambda client: client.xrange(self._changes(), min=mark, max="+", count=_CHANGES_LISTED)
        )
        if not entries or entries[0][0] != mark or len(entries) == _CHANGES_LISTED:
            return None
        newest: Mark = entries[-1][0]
        return newest, {int(pk) for _, fields in entries[1:] for pk in fields[b"stations"].split()}

    def heard_between(self, earliest: datetime, latest: datetime) -> dict[int, datetime] | None:
        """Station key → last contact, of stations whose last contact lies in this span: one range query.

        None where the index does not know all stations: it was emptied, or never filled.
        """

        def look(client: Any) -> tuple[float | None, list[tuple[bytes, float]]]:
            pipeline = client.pipeline(transaction=True)
            pipeline.zscore(self._by_freshness(), _WHOLE)
            pipeline.zrangebyscore(self._by_freshness(), earliest.timestamp(), latest.timestamp(), withscores=True)
            mark, found = pipeline.execute()
            return mark, found

        mark, found = self._cache.attempt(look)
        return None if mark is None else {int(member): datetime.fromtimestamp(at, UTC) for member, at in found}

    def keep_index(self, contacts: Mapping[int, datetime]) -> None:
        """Station key → last contact, of every station; contacts that came meanwhile stay. Says at the end: all."""
        waiting = iter(contacts.items())
        while batch := list(islice(waiting, _AT_ONCE * 5)):
            self._index({str(pk): at.timestamp() for pk, at in batch})
        self._index({"*": float("inf")})

    def _index(self, scores: Mapping[str, float]) -> None:
        self._cache.attempt(lambda client: client.zadd(self._by_freshness(), scores, gt=True))

    def _prefix(self) -> str:
        try:
            return f"portside:{self._installation.name}:"
        except TemporarilyUnavailable as error:
            raise CacheDown("whose cache it is cannot be known yet") from error

    def _by_freshness(self) -> str:
        return f"{self._prefix()}stations-by-freshness"

    def _changes(self) -> str:
        return f"{self._prefix()}stations-changed"

    def _key(self, station_pk: int) -> str:
        return f"{self._prefix()}station:{station_pk}"


def _run(keys: Sequence[str], stations: bytes, client: Any) -> None:
    client.eval(KEEP_IF_NEWER, len(keys), *keys, _CHANGES_LISTED, stations)


def _station(station_pk: int, by_port: Mapping[int, Report], *, whole: bool = False) -> _Station:
    fields = [part for port_id, one in by_port.items() for part in (str(port_id), _packed(one))]
    last_contact = max((one.as_of for one in by_port.values()), default=_EPOCH)
    return station_pk, last_contact.timestamp(), [*fields, *([_WHOLE.decode(), ""] if whole else [])]


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(micros))


def _packed(report: Report) -> str:
    """Numbers that order the report first; the words last, as they may hold anything."""
    status, reported_at, sequence, received_at, changed_at, error_code, raw_status, clamped, _, reports = report
    order = f"{_micros(reported_at)} {sequence} {report.weight} {reports}"
    times = f"{_micros(received_at)} {_micros(changed_at)}"
    return f"{order} {times} {clamped:d} {status}\t{error_code or ''}\t{raw_status or ''}"


def _unpacked(value: bytes) -> Report:
    head, error_code, raw_status = value.decode().split("\t")
    reported, sequence, _, reports, received, changed, clamped, technical_status = head.split(" ")
    return Report(
        technical_status=TechnicalStatus(technical_status),
        reported_at=_moment(reported),
        sequence=int(sequence),
        received_at=_moment(received),
        status_changed_at=_moment(changed),
        error_code=error_code or None,
        raw_status=raw_status or None,
        clamped=clamped == "1",
        reports=int(reports),
    )


def _reports(fields: Mapping[bytes, bytes]) -> dict[int, Report] | None:
    if _WHOLE not in fields:
        return None
    return {int(port_id): _unpacked(value) for port_id, value in fields.items() if port_id != _WHOLE}
