"""The layout a file was read by, as it was found: what stays the same from file to file of one source.

Periods, years that grow to the right, names of sheets by pattern and numbers of rows are left out: they change by
nature. Two files with one record were read one way; its fingerprint is what a person accepts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingestion.columns import Declared, HeaderPath, is_exactly, is_pattern, labels_of, means, offsets
from ingestion.data_end import is_figure
from ingestion.drafts import joined_breakdown
from ingestion.grid import Grid
from ingestion.header import title_cells
from ingestion.layout import Table
from ingestion.numbers import UnreadableNumber, read_number
from ingestion.reference import Reference
from ingestion.source import Source
from ingestion.templates import match, match_rest
from ingestion.text import clean, column_letters, fold, is_blank, printed

# Where a place in the file is kept for the reader of a difference only.
TOLD_ONLY = "at"
# How data ends in a text file whose last line has no break: that line may have been cut within its last figure.
UNFINISHED = "line without a break"
FINGERPRINT_DIGITS = 16
UNIT_TITLES = ("ĐVT: {unit}", "Đơn vị tính: {unit}", "Đơn vị: {unit}", "Unit: {unit}", "Đvt {unit}")

_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_CODE = re.compile(r"[A-Z]{1,4}[0-9]{0,3}", re.ASCII)
_MOST_LABEL_ROWS = 6
_FIRST_ROWS = 1_000
_LAST_ROWS = 100
LOCALES = ("vi", "en")
_THOUSANDS = {".": "vi", ",": "en"}


def layout_record(tables: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The records of a file's tables, each once: sheets of one pattern that are laid out alike are one."""
    found = {_canonical([each]): each for each in tables}
    return [found[key] for key in sorted(found)]


def layout_fingerprint(record: Sequence[Mapping[str, Any]]) -> str:
    """16 hexadecimal digits that are the same for every file of one layout."""
    return hashlib.sha256(_canonical(record).encode()).hexdigest()[:FINGERPRINT_DIGITS]


def table_record(table: Table, part: Source, number: int, reference: Reference) -> dict[str, Any]:
    """What one table of a file was found to be.

    Args:
        table: the sheet with its header understood.
        part: the source with the layout of this table.
        number: which table of the source it is, from 1.
        reference: the reference tables; units in titles are known by them.

    Returns:
        Plain JSON values. `columns` go from left to right, those of a pattern once; `is` says what a column is read
        as, `cells` whether its figures are numbers or texts, `written` how its places are written.
    """
    figures = table.value_columns(part.layout)
    period = part.layout["period"]
    return {
        "table": number,
        "sheet": part.layout.get("sheet"),
        "header_rows": int(part.layout["header_rows"]),
        "columns": _columns(table, part.layout, figures),
        "label_rows_above": _labels_above(table, figures, reference),
        "label_rows_below": _labels_below(table, figures, part.layout),
        "units": unit_titles(title_cells(table.grid, table.header_row), _unit_patterns(part.layout), reference),
        "period": f"{period['from']}: {_period_pattern(table, period)}",
        "texts": _locale_of_texts(table, figures, part.number_locale),
        "total": _where_total(table, part.layout, reference),
        "end": _end(table, part.layout),
    }


def column_roles(layout: Mapping[str, Any]) -> Iterator[tuple[Declared, str]]:
    """Every declared column with what it is read as, those that are read first."""
    for place in layout["places"]:
        if "column" in place:
            yield place["column"], f"place {place['scheme']}"
    for part in ("period", "unit"):
        if "column" in layout.get(part, {}):
            yield layout[part]["column"], part
    if "indicators" in layout:
        yield layout["indicators"]["column"], "indicators"
    if "block_column" in layout:
        yield layout["block_column"], "block"
    for measure in layout.get("measures", ()):
        members = joined_breakdown({**layout.get("constants", {}), **measure.get("breakdown", {})})
        yield measure["column"], f"measure {measure.get('indicator_code', 'of its row')} {members}"
    for name, declared in layout.get("columns", {}).items():
        yield declared, f"fact {name}"
    for declared in layout.get("ignore_columns", ()):
        yield declared, "ignored"


def unit_titles(texts: Sequence[tuple[str, str]], patterns: Sequence[str], reference: Reference) -> list[str]:
    """The units that titles state, by the declared patterns or a usual one; folded, in alphabetical order."""
    found = set()
    for _, text in texts:
        declared = {match_rest(pattern, text) for pattern in patterns} - {None}
        usual = {match_rest(pattern, text) for pattern in UNIT_TITLES} | set(_IN_BRACKETS.findall(text))
        found |= {fold(each) for each in declared if each}
        found |= {fold(each) for each in usual if each and fold(each) in reference.units}
    return sorted(found)


def locale_of(texts: Sequence[str], declared: str) -> str:
    """The locale that more texts are written in: those that only one of the two can read, else by their one mark.

    Where all could be either (`1,234`), a mark before three digits is that of thousands; without any mark the
    declared locale holds.
    """
    only: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for text in texts:
        fits = [locale for locale in LOCALES if read_by(text, locale)]
        only.update(fits if len(fits) == 1 else ())
        marked.update(locale for mark, locale in _THOUSANDS.items() if mark in text and len(fits) == 2)
    best = (only or marked).most_common(1)
    return best[0][0] if best else declared


def way_of_writing(values: Sequence[object]) -> str:
    """How most places of a column are written: as a `number`, a `code` or a `name`."""
    kinds = Counter(_way(value) for value in values if not is_blank(value))
    return kinds.most_common(1)[0][0] if kinds else "name"


def _way(value: object) -> str:
    text = clean(printed(value))
    if text.isdecimal():
        return "number"
    return "code" if _CODE.fullmatch(text) else "name"


def _columns(table: Table, layout: Mapping[str, Any], figures: Sequence[int]) -> list[dict[str, Any]]:
    roles = list(column_roles(layout))
    beside = {column + offset for column in figures for offset in offsets(layout)}
    place_columns = {table.column(place["column"]) for place in layout["places"] if "column" in place} | beside
    kinds = {column: _cells(table, column) for column in figures}
    most = Counter(kind for kind in kinds.values() if kind).most_common(1)
    found: list[dict[str, Any]] = []
    for column, path in enumerate(table.paths):
        declared, role = _role(path, roles) if path else (None, "beside" if column in beside else "blank")
        is_template = declared is not None and is_pattern(declared)
        label = " | ".join(labels_of(declared) if is_template and declared is not None else path)
        entry = {"label": label, "is": role, TOLD_ONLY: column_letters(column)}
        if column in kinds:
            entry["cells"] = kinds[column] or (most[0][0] if most else "number")
        if column in place_columns:
            entry["written"] = way_of_writing([table.grid.cell(row, column) for row in _rows(table)])
        if not (is_template and any((each["label"], each["is"]) == (label, role) for each in found)):
            found.append(entry)
    while found and found[-1]["is"] == "blank":
        found.pop()
    return found


def _role(path: HeaderPath, roles: Sequence[tuple[Declared, str]]) -> tuple[Declared | None, str]:
    possible = [each for each in roles if means(each[0], path)]
    return next((each for each in possible if is_exactly(each[0], path)), next(iter(possible), (None, "blank")))


def _rows(table: Table) -> list[int]:
    """The rows of data that are looked at: of a long sheet its beginning and its end, where totals stand."""
    rows = range(table.first_row, table.end_row)
    return [*rows[:_FIRST_ROWS], *rows[max(_FIRST_ROWS, len(rows) - _LAST_ROWS) :]]


def _cells(table: Table, column: int) -> str | None:
    """`number` or `text` by what most figures of a column are, None where it has none."""
    cells = [table.grid.cell(row, column) for row in _rows(table)]
    shown = ["text" if isinstance(cell, str) else "number" for cell in cells if is_figure(cell)]
    return Counter(shown).most_common(1)[0][0] if shown else None


def _locale_of_texts(table: Table, figures: Sequence[int], declared: str) -> str:
    cells = (table.grid.cell(row, column) for row in _rows(table) for column in figures)
    return locale_of([cell for cell in cells if isinstance(cell, str) and is_figure(cell)], declared)


def read_by(text: str, locale: str) -> bool:
    """Whether a text is a number as this locale writes it."""
    try:
        read_number(text, locale)
    except UnreadableNumber:
        return False
    return True


def _labels_above(table: Table, figures: Sequence[int], reference: Reference) -> list[str]:
    """Labels over columns of figures in the row above the header; titles over the whole width are none."""
    if not table.header_row:
        return []
    row = filled_row(table.grid, table.header_row - 1)
    whole = {fold(printed(row[column])) for column in range(min(len(row), min(figures)))}
    over = {clean(printed(row[each])) for each in figures if each < len(row) and isinstance(row[each], str)}
    units = {text for text in over if unit_titles([("", text)], UNIT_TITLES, reference)}
    return sorted(text for text in over - units if fold(text) and fold(text) not in whole)


def _labels_below(table: Table, figures: Sequence[int], layout: Mapping[str, Any]) -> int:
    """How many rows under the header still hold labels: texts, and no figures, over half of the columns of figures."""
    missing = {fold(token) for token in layout.get("missing_tokens", ())}
    rows = range(table.first_row, min(table.first_row + _MOST_LABEL_ROWS, table.end_row))
    for count, row in enumerate(rows):
        cells = [table.grid.cell(row, column) for column in figures]
        texts = [cell for cell in cells if isinstance(cell, str) and not is_blank(cell) and not is_figure(cell)]
        labels = [text for text in texts if fold(text) and fold(text) not in missing]
        if 2 * len(labels) < len(figures) or any(is_figure(cell) for cell in cells):
            return count
    return len(rows)


def filled_row(grid: Grid, row: int) -> list[object]:
    """One row with the cells that merged ranges cover filled by the value of the range."""
    cells = list(grid.rows[row])
    width = max((len(each) for each in grid.rows[:200]), default=0)
    cells += [None] * (width - len(cells))
    for (top, left), (bottom, right) in grid.merges:
        if top <= row <= bottom:
            value = grid.cell(top, left)
            cells[left : min(right + 1, width)] = [value] * (min(right + 1, width) - left)
    return cells


def _unit_patterns(layout: Mapping[str, Any]) -> Sequence[str]:
    return [str(each) for each in layout.get("unit", {}).get("patterns", ())]


def _period_pattern(table: Table, declared: Mapping[str, Any]) -> str:
    """The pattern that the period was read by; for constants, headers and columns there is none."""
    texts = [text for _, text in title_cells(table.grid, table.header_row)] if declared["from"] == "cell" else []
    fits = [pattern for pattern in declared.get("patterns", ()) if any(match(pattern, text) for text in texts)]
    return fits[0] if fits else ""


def _where_total(table: Table, layout: Mapping[str, Any], reference: Reference) -> str:
    """Where rows of totals stand among the rows of data: `first`, `last`, `inside` or `none`."""
    before_figures = range(min([*table.value_columns(layout), len(table.paths)]))
    rows = [row for row in _rows(table) if not table.grid.is_blank_row(row)]
    kinds = [
        any(
            reference.label_kinds.get(fold(printed(table.grid.cell(row, column)))) == "total"
            for column in before_figures
        )
        for row in rows
    ]
    if not any(kinds):
        return "none"
    return "first" if kinds[0] else "last" if kinds[-1] else "inside"


def _end(table: Table, layout: Mapping[str, Any]) -> str:
    if table.end_row == len(table.grid.rows):
        return UNFINISHED if table.grid.row_numbers[-1] == table.grid.unfinished else "sheet"
    return "blank row" if table.grid.is_blank_row(table.end_row) else "label"


def _canonical(record: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps([_compared(each) for each in record], ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _compared(value: Any) -> Any:
    """Without what is only told, and texts folded: blanks and accents are no drift."""
    if isinstance(value, Mapping):
        return {key: _compared(each) for key, each in value.items() if key != TOLD_ONLY}
    if isinstance(value, list | tuple):
        return [_compared(each) for each in value]
    return fold(value) if isinstance(value, str) else value
