"""FaultyPorts: which ports are out of order, by their latest report in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from finder import faulty_store
from finder.domain.status import TechnicalStatus
from kernel.database import Database


@dataclass(frozen=True, slots=True)
class Fault:
    """What the port said, `faulted` or `unavailable`, and since when it is that."""

    technical_status: TechnicalStatus
    since: datetime


class FaultyPorts:
    """Asked by who has promised ports to drivers. A fault lasts until the port says something else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def among(self, port_ids: Collection[int]) -> dict[int, Fault]:
        """Of these ports those that are out of order."""
        with self._database.reading() as session:
            found = faulty_store.out_of_service(session, port_ids)
        return {port_id: Fault(said, since) for port_id, (said, since) in found.items()}
