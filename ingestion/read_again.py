"""The way back from the figure of a row to the text of its cell: what the printed number was multiplied by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ingestion.figures import Writing, writing_of
from ingestion.grid import Percent
from ingestion.questions import Asker
from ingestion.reference import Reference
from ingestion.source import Source, later_sources
from ingestion.tables import table_layouts
from ingestion.values import value_of

# How a workbook's own numbers, and those it shows as percentages, are kept as text.
_HELD = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?(?P<percent>%)?", re.ASCII)


def multiplier_between(text: str, figure: Decimal, unit: str, source: Source, reference: Reference) -> Decimal | None:
    """What the number in a cell is multiplied by to be the figure of its row: 1000 for `123,794` in thousands.

    Args:
        text: the cell as printed.
        figure: the figure of the row, in the base unit.
        unit: that unit.
        source: the source as declared; its later layouts are tried too.
        reference: names of units and their multipliers.

    Returns:
        None where no way of writing that the source declares leads from the text to the figure.
    """
    asker = Asker(reference)
    worth = {multiplier for meant, multiplier in reference.units.values() if meant == unit}
    for multiplier in sorted(worth | {Decimal(1)}):
        for declared in (source, *(later for _, later in later_sources(source))):
            for cell in _cells(text):
                for writing in _writings(declared):
                    found, _ = value_of(cell, "", writing, declared, (asker, unit, multiplier), [])
                    if found is not None and found.number.value == figure:
                        return multiplier
    return None


def _cells(text: str) -> Iterator[object]:
    """The cell as a text, and as the number it may have held."""
    yield text
    held = _HELD.fullmatch(text)
    if held:
        yield Percent(Decimal(text[:-1]).scaleb(-2)) if held["percent"] else float(text)


def _writings(source: Source) -> list[Writing]:
    """Each way of writing that a source declares, once."""
    found: list[Writing] = []
    for layout in table_layouts(source.layout):
        for measure in layout.get("measures", [{}]):
            writing = writing_of(layout, measure)
            found += [] if writing in found else [writing]
    return found
