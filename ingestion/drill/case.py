"""One sound file of the history, its figures with their cells, and what came before it: what a fault is put into."""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from random import Random

from ingestion.drill.pages import Page, Pages, page_of, take_apart
from ingestion.grid import NoFigure, Percent
from ingestion.numbers import UnreadableNumber, read_number
from ingestion.read import ReadResult
from ingestion.reference import Reference
from ingestion.source import Source
from ingestion.text import cell_position, is_blank, printed

Key = tuple[str, str, str, str]


class NotPossible(Exception):
    """A fault of this kind cannot be put into this file; the sentence says why, for people."""


@dataclass(frozen=True)
class Figure:
    """One figure of a sound file: where it stands (from 0), and what it is about."""

    page: str
    row: int
    column: int
    province_id: str
    place_text: str
    measure: tuple[str, str, str]
    period_id: str
    period_text: str
    unit: str
    value: Decimal
    minimum: Decimal | None

    @property
    def key(self) -> Key:
        """Its series."""
        return (self.province_id, *self.measure)


@dataclass(frozen=True)
class SoundFile:
    """A file that was read and accepted as it is."""

    source: Source
    pages: Pages
    figures: Sequence[Figure]

    @cached_property
    def periods(self) -> set[str]:
        """The periods it speaks of."""
        return {figure.period_id for figure in self.figures}


@dataclass
class Case:
    """A copy of a sound file to be spoilt.

    Attributes:
        sound: the file as it is.
        earlier: the source's files before it, the oldest first.
        reference: areas and their codes.
        rng: every choice is drawn from it.
        pages: the copy.
        spoil_bytes: what is done to the bytes at the end, where the fault is one of bytes.
    """

    sound: SoundFile
    earlier: Sequence[SoundFile]
    reference: Reference
    rng: Random
    pages: Pages = field(init=False)
    spoil_bytes: Callable[[bytes], bytes] | None = None

    def __post_init__(self) -> None:
        """Take the copy."""
        self.pages = deepcopy(self.sound.pages)

    def page(self, figure: Figure) -> Page:
        """The page a figure stands on."""
        return page_of(self.pages, figure.page)

    def draw(self, figures: Sequence[Figure], why_not: str) -> Figure:
        """One of these figures; NotPossible with the reason where there is none."""
        if not figures:
            raise NotPossible(why_not)
        return self.rng.choice(figures)

    def raw(self, figure: Figure) -> Decimal:
        """The number as its cell prints it, before unit and multiplier."""
        try:
            return read_number(self.page(figure).cell(figure.row, figure.column), self.sound.source.number_locale).value
        except UnreadableNumber:
            raise NotPossible("the cell holds more than a number") from None

    def write(self, figure: Figure, number: Decimal) -> None:
        """Put another number into the cell of a figure, written as the old one was."""
        page = self.page(figure)
        old = page.cell(figure.row, figure.column)
        page.put(figure.row, figure.column, written_like(old, number, self.sound.source.number_locale))

    def rows_of(self, figure: Figure) -> list[int]:
        """The rows of the page that hold figures of its province, from below."""
        rows = {each.row for each in self.sound.figures if (each.page, each.key[0]) == (figure.page, figure.key[0])}
        return sorted(rows, reverse=True)

    def place_cells(self, figure: Figure) -> list[int]:
        """The columns of a figure's row that name its place."""
        cells = enumerate(self.page(figure).rows[figure.row])
        found = [column for column, cell in cells if printed(cell).strip() == figure.place_text.strip() != ""]
        if not found:
            raise NotPossible("places are not named in the rows")
        return found


def sound_file(path: Path, file_name: str, source: Source, read: ReadResult) -> SoundFile:
    """Take a file apart by what was read from it. Raises FileFault where its cells cannot be read again."""
    pages = take_apart(path, file_name, source)
    figures = []
    for row in read.rows.to_pylist():
        if row["kind"] != "observation" or row["value"] is None:
            continue
        line, column = cell_position(row["cell"])
        lines = page_of(pages, row["sheet"]).lines
        figures.append(
            Figure(
                page=row["sheet"],
                row=lines.index(line + 1),
                column=column,
                province_id=row["province_id"],
                place_text=row["place_text"] or "",
                measure=(row["indicator_code"], row["basis"], row["breakdown"]),
                period_id=row["period_id"],
                period_text=row["period_text"] or "",
                unit=row["unit"],
                value=row["value"],
                minimum=row["min_value"],
            )
        )
    return SoundFile(source, pages, figures)


def columns_of(figures: Sequence[Figure]) -> Mapping[tuple[str, int], list[Figure]]:
    """The figures by page and column."""
    found: dict[tuple[str, int], list[Figure]] = {}
    for figure in figures:
        found.setdefault((figure.page, figure.column), []).append(figure)
    return found


def is_number(cell: object) -> bool:
    """Whether a cell holds a number, or a text that is one."""
    if isinstance(cell, bool) or is_blank(cell) or isinstance(cell, NoFigure):
        return False
    return isinstance(cell, int | float) or bool(re.fullmatch(r"-?[0-9][0-9.,]*", printed(cell).strip()))


def written_like(old: object, number: Decimal, locale: str) -> object:
    """A number in the form of another cell: a number, a percentage, or a text with the marks of its locale."""
    if isinstance(old, Percent):
        return Percent(number / 100)
    if not isinstance(old, str):
        return int(number) if number == number.to_integral_value() else float(number)
    thousands, decimal = (".", ",") if locale == "vi" else (",", ".")
    whole, _, fraction = f"{number:f}".partition(".")
    shown = f"{int(whole):,}".replace(",", thousands) if thousands in old else whole
    if whole.startswith("-") and not shown.startswith("-"):
        shown = f"-{shown}"
    fraction = fraction.rstrip("0")
    return f"{shown}{decimal}{fraction}" if fraction else shown
