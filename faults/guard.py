"""The database's own guard against overlaps, taken away: what nobody does in production."""

from sqlalchemy import text

from kernel.database import Database
from reservations.tables import NO_OVERLAP


def drop_guard(database: Database) -> None:
    """Leaves the program alone with what it promises, so that controls show what the guard is for."""
    drop = {
        "postgresql": [f"ALTER TABLE reservations DROP CONSTRAINT {NO_OVERLAP}"],
        "sqlite": [f"DROP TRIGGER {NO_OVERLAP}_{name}" for name in ("on_insert", "on_update")],
    }[database.engine.dialect.name]
    with database.writing() as session:
        for statement in drop:
            session.execute(text(statement))
