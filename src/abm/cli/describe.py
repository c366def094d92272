"""``abm describe``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence

import typer

from abm.cli.options import refuse_unknown
from abm.cli.terminal import console, say, show_pairs
from abm.config import load_config
from abm.config.wording import either, no_such
from abm.report.describe import TOPICS, Topic, is_assumed
from abm.report.render import GAP, Row, as_columns, as_labels, as_markdown, cell_of, fit
from abm.report.search import find

FORMATS = ("table", "json", "markdown")

NARROWEST, WIDEST = 40, 100  # characters of a line that are good to read


def describe_topic(topic: str | None, name: str | None, form: str, *, assumed: bool, config: str | None = None) -> None:
    """Print a topic, one entry of it, or the list of topics; places of a configuration with those that it adds.

    A BadParameter says that there is no such topic, name or format; a ConfigError that the configuration is not valid.
    """
    refuse_unknown("format", form, FORMATS)
    if topic is None:
        show_pairs([(name, found.text) for name, found in TOPICS.items()])
        return
    found = _topic(topic)
    if config is not None and not found.section:
        topics = either([name for name, other in TOPICS.items() if other.section])
        raise typer.BadParameter(f"--config goes with {topics}, not with {topic}")
    rows = found.rows() if config is None else found.rows(getattr(load_config(config), found.section))
    if assumed and (not rows or "source" not in rows[0]):
        raise typer.BadParameter(f"--assumed goes with values that have sources, not with {topic}")
    one = False
    if name is not None:
        section = found.within(rows, name)
        rows, one = section or _named(rows, name, found, topic), not section
    if assumed:
        rows = [row for row in rows if is_assumed(row)]
        if not rows:
            say("all of it has sources: nothing is assumed")
    columns = list(rows[0]) if one and rows else found.brief
    cells = [{column: cell_of(row, column) for column in columns} for row in rows]
    if one and rows and form == "table":
        width = shutil.get_terminal_size((WIDEST, 0)).columns
        typer.echo(as_labels(cells, min(max(width, NARROWEST), WIDEST)))
    else:
        _print(rows, cells, columns, form, topic)


def search_topics(words: str, topic: str | None, form: str) -> None:
    """Print the entries, of a topic or of all, that hold words; a BadParameter says that there are none."""
    refuse_unknown("format", form, FORMATS)
    rows = find(words, TOPICS if topic is None else {topic: _topic(topic)})
    if not rows or not words.strip():
        where = "" if topic is None else f" in {topic}; leave it out to search all topics, or"
        raise typer.BadParameter(f"--search {words}: found nowhere{where or ';'} try a part of the word")
    _print(rows, rows, list(rows[0]), form, "TOPIC")


def _topic(name: str) -> Topic:
    refuse_unknown("topic", name, TOPICS)
    return TOPICS[name]


def _named(rows: list[Row], name: str, of: Topic, topic: str) -> list[Row]:
    """Rows of one entry of a topic; refuse a name that is not there."""
    found = of.named(rows, name) or [row for row in rows if name == " ".join(str(row[key]) for key in of.columns)]
    if not found:
        known = list(dict.fromkeys(row[column] for column in of.columns for row in rows))
        sections = dict.fromkeys(path.partition(".")[0] for path in known)
        listing = f"; see 'abm describe {topic}'"
        raise typer.BadParameter(no_such(" or ".join(of.columns), name, [*sections, *known], otherwise=listing))
    return found


def _print(rows: Sequence[Row], cells: Sequence[Row], columns: Sequence[str], form: str, topic: str) -> None:
    """Print rows as JSON, or their cells as a table."""
    if form == "json":
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif form == "markdown":
        typer.echo(as_markdown(cells, columns))
    else:
        _show_table(cells, columns, topic)


def _show_table(rows: Sequence[Row], columns: Sequence[str], topic: str) -> None:
    """Print a table: whole lines into a pipe; for a terminal what fits, with the command to see one entry whole."""
    screen = console()
    if screen is None:
        typer.echo(as_columns(rows, columns))
        return
    from rich import box
    from rich.table import Table

    widths = fit(rows, columns, screen.width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, GAP - 1, 0, 0))
    for column, width in widths.items():
        table.add_column(column, overflow="fold", width=width)
    for row in rows:
        table.add_row(*(row[column] for column in widths))
    screen.print(table)
    left_out = [column for column in columns if column not in widths]
    without = f"Left out: {', '.join(left_out)}. " if left_out else ""
    screen.print(f"{without}One of them whole: abm describe {topic} NAME", soft_wrap=True)
