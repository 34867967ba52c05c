"""Databases for tests: a migrated one of each kind is made once and copied for every test that wants one."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from kernel import schema
from kernel.database import Database

Fill = Callable[[Database], None]
_numbers = itertools.count(1)


class SqliteTemplates:
    """Files that are copied."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def make(self, name: str, fill: Fill) -> str:
        path = self._directory / f"{name}.db"
        database = Database(f"sqlite:///{path}")
        _fill(database, fill)
        return str(path)

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        path = self._directory / f"copy-{next(_numbers)}.db"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        for leftover in self._directory.glob(f"{path.name}*"):
            leftover.unlink()


class PostgresTemplates:
    """Databases of a server that are copied by the server."""

    def __init__(self, server_url: str, worker: str) -> None:
        self._url = make_url(server_url).set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._prefix = f"portside_test_{worker}"

    def make(self, name: str, fill: Fill) -> str:
        template = f"{self._prefix}_{name}"
        self._run(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{template}"')
        _fill(Database(self._named(template)), fill)
        return template

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        name = f"{self._prefix}_{next(_numbers)}"
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')  # safe from a kill at once
        yield self._named(name)
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._engine.dispose()

    def _named(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


def _fill(database: Database, fill: Fill) -> None:
    schema.upgrade(database)
    fill(database)
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    database.close()
