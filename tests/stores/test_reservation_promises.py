"""What was promised stays through a change of the schema: reservations from before there were policies have theirs."""

from alembic import command

from kernel import schema
from kernel.clock import FixedClock
from kernel.database import Database
from reservations.domain.policy import Policy
from reservations.tables import RESERVATIONS
from tests.stores.reservation_words import Rows, Scene


def downgrade(database: Database, to: str) -> None:
    with schema.migrating(database) as connection:
        command.downgrade(schema.config(connection), to)
        connection.commit()


def test_a_reservation_from_before_keeps_what_applied_to_it(database: Database, clock: FixedClock) -> None:
    rows = Rows(Scene(database, clock))
    downgrade(database, "0003")
    row = rows.insert(60, 120)
    rows.change(row, cancellation_interval_min=45)

    schema.upgrade(database)

    with database.reading() as session:
        kept = session.execute(RESERVATIONS.select()).one()
    assert Policy(**kept.policy) == Policy(cancellation_interval_min=45)
