"""The proposed layout of one sheet: each line from what stands there, a question where that does not tell enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.areas import label_kind
from ingestion.columns import HeaderPath, folded_path, labels_of
from ingestion.data_end import end_row, is_figure
from ingestion.errors import FileFault
from ingestion.figures import writing_of
from ingestion.header import title_cells
from ingestion.layout_record import UNIT_TITLES, unit_titles
from ingestion.periods import Period
from ingestion.proposed_long import (
    UNKNOWN,
    Roles,
    indicators_line,
    period_line,
    plain,
    roles,
    value_columns,
)
from ingestion.proposed_period import find_period
from ingestion.proposed_yaml import Line
from ingestion.reference import Reference
from ingestion.sketch import PlaceColumn, Sketch, is_row_number
from ingestion.suggest import SURE, breakdown_in, suggestions, unit_in
from ingestion.templates import match_rest
from ingestion.text import clean, fold, is_blank, printed

_LONGEST_END = 40
# A title that ends with its unit in brackets.
_IN_TITLES = tuple(f"{{any}} ({pattern})" for pattern in UNIT_TITLES)
# What these say is agreed; `-` is zero in some publications and no figure in others.
_AGREED_TOKENS = {"..": "L", "...": "L", "…": "L"}
# What figures of an indicator's kind count. A stock may be an average of the period, so it is asked about.
_BASIS = {"flow": "period", "score": "period", "rank": "period"}


@dataclass
class ProposedTable:
    """What one sheet gave: lines of its layout, and what concerns the source as a whole.

    `texts` are the figures that are written as texts; `period` is the last of the periods it states.
    """

    sheet: str
    lines: list[Line]
    texts: Sequence[str]
    period: Period | None
    has_many_periods: bool
    sketch: Sketch
    codes: list[str] = field(default_factory=list)


def proposed_table(found: Sketch, path: Path, reference: Reference) -> ProposedTable:
    """The layout of one sheet."""
    seen = roles(found, reference)
    titles = title_cells(found.grid, found.header_row)
    said_period, period, templates = find_period(found, path)
    if seen.period is not None:
        said_period, period, templates = period_line(found, seen), next(reversed(seen.periods), None), {}
    said_unit, units = _unit(found, titles, seen, reference)
    figures = value_columns(found, seen, [each for each in measured(found) if each != seen.period])
    if seen.indicator is None:
        # A column of units says the unit of each row, whatever indicator it is of.
        measures, codes = _measures(found, figures, templates, None if seen.unit is not None else units, reference)
        indicators = []
    else:
        said_indicators, codes = indicators_line(found, seen, reference)
        indicators, measures = [said_indicators], _values(found, figures, units)
    if seen.twice:
        measures[0] = Line(
            "", measures[0].value, [*measures[0].questions, "rows of one place and period: what tells them apart?"]
        )
    cells = [found.grid.cell(row, column) for row in _rows(found) for column in figures]
    lines = [
        Line("header_rows", found.header_rows),
        *([Line("label_rows", list(found.label_rows))] if found.label_rows else []),
        said_period,
        *([said_unit] if said_unit else []),
        _places(found),
        *_labels(found, reference),
        *_end(found, figures, reference),
        *_ignored(found, {*figures, *(each for each in (seen.period, seen.unit, seen.indicator) if each is not None)}),
        _blank_cells(cells, found),
        *_missing_tokens(cells),
        *_basis(codes, reference),
        *indicators,
        Line("measures", measures),
    ]
    texts = [cell for cell in cells if isinstance(cell, str) and is_figure(cell)]
    many = len(seen.periods) > 1 or len(templates) > len(set(templates.values()))
    return ProposedTable(found.grid.sheet, lines, texts, period, many, found, codes)


def measured(found: Sketch) -> list[int]:
    """The columns of figures that do not number the rows."""
    return [column for column in found.figures if not is_row_number(found.paths[column])]


def labelled(found: Sketch) -> list[PlaceColumn]:
    """The columns of places that a header names; in sheets of pairs the figure beside names them."""
    return [each for each in found.places if found.pairs or found.paths[each.column]]


def _rows(found: Sketch) -> range:
    return range(found.first_row, found.end_row)


def _unit(
    found: Sketch, titles: Sequence[tuple[str, str]], seen: Roles, reference: Reference
) -> tuple[Line | None, frozenset[str]]:
    """The unit of a column or of titles, by the way it is written there, and the catalogue's units that it means."""
    if seen.unit is not None:
        texts = {fold(printed(found.grid.cell(row, seen.unit))) for row in _rows(found)}
        units = frozenset(reference.units[text][0] for text in texts if text in reference.units)
        return Line("unit", {"from": "column", "column": plain(found.paths[seen.unit])}), units
    known = unit_titles(titles, (), reference)
    patterns = [
        pattern
        for pattern in (*UNIT_TITLES, *_IN_TITLES, *_bilingual(titles))
        if any(fold(match_rest(pattern, text) or "") in reference.units for _, text in titles)
    ]
    units = frozenset(reference.units[each][0] for each in known)
    if not known and patterns:
        units = frozenset(
            reference.units[unit][0]
            for _, text in titles
            if (unit := fold(match_rest(patterns[0], text) or "")) in reference.units
        )
    if not known and not patterns:
        return None, frozenset()
    questions = [f"several units are stated: {', '.join(known)}"] if len(known) > 1 else []
    if patterns:
        return Line("unit", {"from": "cell", "patterns": patterns[:1]}, questions), units
    value = {"from": "constant", "value": known[0]}
    return Line("unit", value, questions, ["taken from a title, which may change"]), units


def _bilingual(titles: Sequence[tuple[str, str]]) -> Iterable[str]:
    """Patterns of titles such as `Triệu đồng - In millions of dong`."""
    for _, text in titles:
        head, dash, _ = clean(text).rpartition(" - ")
        if dash and not {"{", "}"} & set(head):
            yield f"{head} - {{unit}}"


def _places(found: Sketch) -> Line:
    if found.pairs:
        asked = ["each figure has its place in the column left of it, each pair sorted on its own"]
        return Line("places", [{"offset": -1, "scheme": "name"}], asked)
    questions = [
        f"{' | '.join(found.paths[each.column])} could also be {', '.join(each.rivals)}"
        for each in labelled(found)
        if each.rivals
    ]
    if found.unresolved:
        questions.append("not known as places: " + "; ".join(text[:40] for text in found.unresolved[:5]))
    value = [{"column": plain(found.paths[each.column]), "scheme": each.scheme} for each in labelled(found)]
    return Line("places", value, questions)


def _labels(found: Sketch, reference: Reference) -> Iterable[Line]:
    """Rows of totals, regions and statistics among the data."""
    before = min([*found.figures, len(found.paths)])
    texts = {
        fold(printed(cell))
        for row in _rows(found)
        for cell in found.grid.rows[row][: max(before, 3)]
        if isinstance(cell, str)
    }
    kinds = {reference.label_kinds[text] for text in texts if text in reference.label_kinds}
    if "total" in kinds:
        yield Line("totals", "skip", notes=["skip, or country where they are figures of the whole country"])
    if others := sorted(kinds - {"total"}):
        yield Line("skip_rows", others)


def _end(found: Sketch, figures: Sequence[int], reference: Reference) -> Iterable[Line]:
    """How the data ends, as the reader will find it: the first text below, else a blank row.

    Figures below that only repeat what stands above are a look-up block. Where they say more, no end is proposed.
    """
    grid, below = found.grid, range(found.end_row, len(found.grid.rows))
    has_figures = any(is_figure(grid.cell(row, column)) for row in below for column in figures)
    texts = [
        clean(cell)
        for row in below
        if not any(is_figure(grid.cell(row, column)) for column in figures)
        for cell in grid.rows[row][: min(figures)]
        if isinstance(cell, str) and not is_blank(cell)
    ]
    ends: list[dict[str, Any]] = [{"end_labels": [texts[0][:_LONGEST_END].strip()]}] if texts else []
    ends += [{"ends_at": "blank_row"}] if has_figures else []
    for end in [*ends, *({**end, "below_end": "lookup"} for end in ends)]:
        if _ends(found, end, figures, reference):
            yield from (Line(key, value) for key, value in end.items())
            return


def _ends(found: Sketch, end: Mapping[str, Any], figures: Sequence[int], reference: Reference) -> bool:
    """Whether this end of the data leaves no province out and no figure that says more."""
    try:
        writings = {column: [writing_of(end, {})] for column in figures}
        row = end_row(found.grid, found.first_row, end, writings, lambda text: label_kind(reference, text))
    except FileFault:
        return False
    return row >= found.end_row


def _ignored(found: Sketch, taken: set[int]) -> Iterable[Line]:
    places = {each.column for each in found.places}
    names = {folded_path(found.paths[column]) for column in taken}
    left_out: dict[HeaderPath, tuple[HeaderPath, bool]] = {}
    for column, path in enumerate(found.paths):
        if path and column not in places and folded_path(path) not in names:
            holds = not is_row_number(path) and any(is_figure(found.grid.cell(row, column)) for row in _rows(found))
            left_out.setdefault(folded_path(path), (path, holds))
    if found.pairs:
        left_out = {key: each for key, each in left_out.items() if not _is_beside(found, each[0])}
    if left_out:
        asked = [f"“{' | '.join(path)}” holds figures: leave it out?" for path, holds in left_out.values() if holds]
        yield Line("ignore_columns", [plain(path) for path, _ in left_out.values()], asked)
    if any(_is_numbering(found, column) for column, path in enumerate(found.paths) if not path):
        yield Line("unlabelled_columns", "ordinal")


def _is_beside(found: Sketch, path: HeaderPath) -> bool:
    """Whether the header is that of places left of a figure."""
    return any(column and found.paths[column - 1] == path for column in found.figures)


def _is_numbering(found: Sketch, column: int) -> bool:
    texts = [printed(found.grid.cell(row, column)).strip() for row in _rows(found)]
    filled = [text for text in texts if text]
    return bool(filled) and filled == [str(count) for count in range(1, len(filled) + 1)]


def _blank_cells(cells: Sequence[object], found: Sketch) -> Line:
    blank = sum(map(is_blank, cells))
    if not blank:
        return Line("blank_cells", "reject")
    return Line("blank_cells", "missing", [f"{blank} cells are blank: missing, ignore or reject"])


def _missing_tokens(cells: Sequence[object]) -> Iterable[Line]:
    tokens = {clean(cell) for cell in cells if isinstance(cell, str) and not is_blank(cell) and not is_figure(cell)}
    if short := sorted(token for token in tokens if len(token) <= 3):
        unsure = [token for token in short if token not in _AGREED_TOKENS]
        asked = [f"{', '.join(unsure)}: L not collected, O missing, M not applicable; is one of them zero?"]
        yield Line("missing_tokens", dict.fromkeys(short, "L"), asked if unsure else [])


def _measures(
    found: Sketch,
    figures: Sequence[int],
    templates: Mapping[int, HeaderPath],
    units: frozenset[str] | None,
    reference: Reference,
) -> tuple[list[Line], list[str]]:
    """One entry a column, or a pattern of columns, with the indicators whose names are most like its label."""
    lines, codes, seen = [], [], set()
    for column in figures:
        path = found.paths[column]
        declared = plain(templates.get(column) or path)
        if folded_path(declared) in seen:
            continue
        seen.add(folded_path(declared))
        near = suggestions(labels_of(declared), reference)
        code = near[0][0] if near[0][1] >= SURE and near[0][1] > near[1][1] else UNKNOWN
        codes.append(code)
        value: dict[str, Any] = {"column": declared, "indicator_code": code}
        if members := breakdown_in(path, reference):
            value["breakdown"] = members
        unit = unit_in(path, reference)
        if unit or (units is not None and reference.indicators[near[0][0]]["unit"] not in units):
            value["unit"] = unit or "?"
        asked = [] if code != UNKNOWN and near[0][1] == 100 else [f"indicator: {_told(near, reference)}"]
        lines.append(Line("", value, [*asked, *(["unit"] if value.get("unit") == "?" else [])]))
    return lines, codes


def _told(near: Sequence[tuple[str, float]], reference: Reference) -> str:
    return ", ".join(f"{each} ({reference.indicators[each]['name_vi']}, {score:.0f} %)" for each, score in near)


def _values(found: Sketch, figures: Sequence[int], units: frozenset[str]) -> list[Line]:
    """The columns of values of a sheet whose rows name their indicators."""
    several = ["several columns hold figures: which are the values?"] if len(figures) > 1 else []
    told = {} if units else {"unit": "?"}
    return [
        Line("", {"column": plain(found.paths[each]), **told}, [*several, *(["unit"] if told else [])])
        for each in figures
    ]


def _basis(codes: Sequence[str], reference: Reference) -> Iterable[Line]:
    """The basis where all indicators are known and have one; else the most usual, with a question."""
    kinds = {reference.indicators[code]["kind"] if code in reference.indicators else "" for code in codes}
    found = {_BASIS.get(kind, "") for kind in kinds}
    if len(found) == 1 and "" not in found:
        yield Line("basis", found.pop())
    else:
        usual = "point" if "stock" in kinds else "period"
        yield Line("basis", usual, ["point (state at the end of the period), period, ytd or cumulative"])
