"""The command line's manners: what is wrong with a call is one line on stderr."""

import sys

import click


def run(commands: click.Group, *, name: str) -> None:
    """Do what the arguments ask. A call that cannot be taken ends in one line and click's own exit code."""
    try:
        code = commands.main(prog_name=name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        sys.exit(asked.exit_code)
    except click.ClickException as error:
        click.echo(f"Error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit("Aborted.")
    sys.exit(code if isinstance(code, int) else 0)
