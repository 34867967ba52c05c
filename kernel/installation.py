"""The installation's own name: made with the schema, so that a cache shared or reused is never another database's."""

from functools import cached_property

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, Database


class InstallationRow(Base):
    """One row: the random name that the first migration gave this database."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)


class Installation:
    """Reads the name once, when it is first needed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def name(self) -> str:
        """32 hexadecimal digits. Raises TemporarilyUnavailable while the database is away."""
        with self._database.reading() as session:
            return session.execute(select(InstallationRow.name)).scalar_one()
