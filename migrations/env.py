"""Runs migrations on the connection that `kernel.schema` hands over."""

from alembic import context

import accounts.tables  # noqa: F401 - this import and those below add their tables to the metadata
import finder.maintenance_tables
import finder.tables  # noqa: F401
import kernel.idempotency
import kernel.installation
import kernel.outbox  # noqa: F401
import reservations.history_tables
import reservations.tables  # noqa: F401
from kernel.database import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
