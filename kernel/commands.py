"""Groups of commands in which a refusal is one line on stderr and an exit code that is not 0."""

from typing import Any

import click
from flask.cli import AppGroup

from kernel.errors import Refusal


class CommandGroup(AppGroup):
    """Commands that refuse as use cases do."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(refusal.detail) from refusal


def show_table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Rows under their heads, in columns as wide as they must be."""
    texts = [head, *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
