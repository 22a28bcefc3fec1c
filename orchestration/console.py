"""What a person sees: the step in progress, short tables, one line per error. Rich is imported late: it costs."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

FILE_WIDTH = 180  # of tables written to a file or a pipe
VERDICT_STYLES = {"accepted": "green", "accepted_with_warnings": "yellow", "quarantined": "red", "failed": "red"}


def print_json(value: object) -> None:
    """Print plain values as one JSON document; moments as ISO text."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_error(sentence: str) -> None:
    """Print one clear line on standard error."""
    click.echo(f"sotinh: {sentence}", err=True)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table; a column that no row fills is left out, and a table without rows."""
    if not rows:
        return
    from rich.console import Console
    from rich.table import Table

    shown = [name for name in columns if any(row.get(name) not in (None, "") for row in rows)]
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in shown:
        numeric = all(isinstance(row.get(name), int) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        style = VERDICT_STYLES.get(str(row.get("verdict")))
        table.add_row(*[_cell(row.get(name)) for name in shown], style=style)
    console = Console()
    (console if console.is_terminal else Console(width=FILE_WIDTH)).print(table)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "" if value is None else str(value)


@contextmanager
def progress(enabled: bool) -> Iterator[None]:
    """Show the newest log message beside a spinner while the block runs; nothing where output is not a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not (enabled and console.is_terminal):
        yield
        return
    with console.status("starting") as status:
        handler = _StatusHandler(status)
        logging.getLogger("sotinh").addHandler(handler)
        try:
            yield
        finally:
            logging.getLogger("sotinh").removeHandler(handler)


class _StatusHandler(logging.Handler):
    """Writes each message of the `sotinh` loggers into a rich status line."""

    def __init__(self, status: Any) -> None:
        super().__init__(logging.DEBUG)
        self.status = status

    def emit(self, record: logging.LogRecord) -> None:
        """Show the message."""
        self.status.update(record.getMessage())
