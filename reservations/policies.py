"""StationPolicies: what each station says of its reserving itself; the rest is as everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from finder.catalogue import StationCatalogue
from kernel.database import Database
from reservations import policy_store
from reservations.domain.limits import PolicySaysNothing, policy_with
from reservations.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class StationPolicy:
    """What a station says itself, and the policy that comes of it."""

    station_id: str
    own: Mapping[str, int]
    policy: Policy


class StationPolicies:
    """A new policy is for quotes and holds from then on; what was promised under the old one stays."""

    def __init__(self, database: Database, catalogue: StationCatalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    def of(self, station_id: str) -> StationPolicy:
        """Raises UnknownStation."""
        self._catalogue.listed(station_id)
        with self._database.reading() as session:
            own = policy_store.own_words(session, station_id)
        return StationPolicy(station_id, own, policy_with(own))

    def keep(self, station_id: str, own: Mapping[str, int | None]) -> StationPolicy:
        """Put this in the place of all that the station said; None is as everywhere.

        Raises UnknownStation, PolicySaysNothing, PolicyNotPossible.
        """
        self._catalogue.listed(station_id)
        if all(value is None for value in own.values()):
            raise PolicySaysNothing(errors=({"pointer": "/", "detail": "must say at least one thing"},))
        policy_with(own)
        with self._database.writing() as session:
            policy_store.keep_words(session, station_id, own)
        return self.of(station_id)

    def clear(self, station_id: str) -> None:
        """The station is as everywhere again. Raises UnknownStation."""
        self._catalogue.listed(station_id)
        with self._database.writing() as session:
            policy_store.forget_words(session, station_id)
