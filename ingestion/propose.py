"""A first source YAML for an unknown sheet: what was found as fields, what is not sure as questions (`# ?`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion.areas import BY_PERIOD, set_in_force
from ingestion.columns import HeaderPath, folded_path
from ingestion.data_end import is_figure
from ingestion.errors import FileFault
from ingestion.grid import Grid
from ingestion.header import title_cells
from ingestion.layout_record import UNIT_TITLES, locale_of, unit_titles
from ingestion.period_texts import period_pattern
from ingestion.periods import Period, last_day, period_type
from ingestion.proposed_period import find_period
from ingestion.proposed_yaml import Line, written
from ingestion.readers import csv_file, workbook_file
from ingestion.reference import Reference
from ingestion.sketch import PlaceColumn, Sketch, is_row_number, sketch
from ingestion.suggest import breakdown_in, suggestions, unit_in
from ingestion.templates import match_rest
from ingestion.text import clean, fold, is_blank, printed

UNKNOWN = "unknown"
FORMATS = (".xlsx", ".xls", ".ods", ".csv")
_ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1258", "cp1252")
_DELIMITERS = (",", ";", "\t", "|")
_SURE = 92.0
_LONGEST_END = 40
_NO_TITLE = ("ghi chu", "nguon", "don vi", "dvt")


@dataclass(frozen=True)
class Proposal:
    """The text of a source YAML, and how many questions are in it."""

    source_id: str
    text: str
    questions: int


@dataclass
class _Found:
    """What one sheet gave: lines of its layout, and what concerns the source as a whole."""

    sheet: str
    lines: list[Line]
    locale: str
    period: Period | None
    sketch: Sketch
    codes: list[str] = field(default_factory=list)


def source_id_of(name: str) -> str:
    """A source's id after the name of a file: its words without digits, `viettel_2022-10` gives `viettel`."""
    words = [word for word in re.sub(r"\d+", " ", fold(name.replace("_", " "))).split() if word.isascii()]
    return "_".join(words) or "nguon"


def propose(path: Path, source_id: str, reference: Reference) -> Proposal:
    """Look at a file that no source is declared for and write down how it could be read.

    Args:
        path: the file: xlsx, xls, ods or csv.
        source_id: what the source shall be called.
        reference: the reference tables, which know places, units and indicators.

    Raises FileFault where the file cannot be read, or where no column of it names provinces.
    """
    file_format = path.suffix.lower().removeprefix(".")
    if f".{file_format}" not in FORMATS:
        raise _no_sheet(path.suffix)
    encoding, delimiter, grids = _grids(path, file_format, reference)
    sketches = [(grid, found) for grid in grids if (found := sketch(grid, reference)) is not None]
    sketches = [(grid, found) for grid, found in sketches if _measured(found) and _labelled(found)]
    if not sketches:
        raise _no_places([grid.sheet for grid in grids])
    tables = [_table(found, path, reference) for _, found in sketches]
    left_out = [grid.sheet for grid in grids if all(grid is not known for known, _ in sketches)]
    lines = [*_head(path, source_id, file_format, tables, reference)]
    if file_format == "csv":
        lines += [Line("encoding", encoding), Line("delimiter", delimiter)]
    text = "\n".join(
        [*_comment(path, tables), *written(lines, 0), "", "layout:", *_layout(tables, left_out, file_format), ""]
    )
    return Proposal(source_id, text, text.count("# ?"))


def _grids(path: Path, file_format: str, reference: Reference) -> tuple[str, str, list[Grid]]:
    """The sheets; a text file in the encoding and with the separator under which most places are known."""
    if file_format != "csv":
        return "", "", workbook_file.read_grids(path, file_format)
    best: tuple[float, str, str, list[Grid]] = (-1.0, "", "", [])
    fault: FileFault | None = None
    for encoding in _ENCODINGS:
        for delimiter in _DELIMITERS:
            try:
                grid = csv_file.read_grid(path, printed(path.stem), encoding, delimiter)
            except FileFault as error:
                fault = fault or error
                continue
            found = sketch(grid, reference) if max(map(len, grid.rows), default=0) > 1 else None
            score = 0.0 if found is None else found.covered + len(found.figures) / 1000
            if score > best[0]:
                best = (score, encoding, delimiter, [grid])
        if best[0] > 0:
            break  # a later encoding would only read the same bytes as other letters
    if not best[3] and fault is not None:
        raise fault
    return best[1], best[2], best[3]


def _head(
    path: Path, source_id: str, file_format: str, tables: Sequence[_Found], reference: Reference
) -> Iterable[Line]:
    codes = [code for table in tables for code in table.codes]
    is_telecom = bool(codes) and sum(code.startswith("tel_") for code in codes) * 2 > len(codes)
    titles = [text for _, text in title_cells(tables[0].sketch.grid, tables[0].sketch.header_row)]
    period = next((table.period for table in tables if table.period is not None), None)
    kind = period_type(period.period_id) if period else "year"
    yield Line("source_id", source_id)
    yield Line("publisher", "?", ["who publishes the figures"])
    told = [text for text in titles if not fold(text).startswith(_NO_TITLE) and period_pattern(text) is None]
    yield Line("title", max(told, key=len, default=path.stem)[:200])
    yield Line("shape", "subscribers" if is_telecom else "indicators", ["subscribers (one operator) or indicators"])
    yield Line("format", file_format)
    yield Line("rank", 40 if is_telecom else 20, ["ministry 10, province 20, press 30, operator 40"])
    yield Line(
        "frequency", kind if kind in ("day", "month", "quarter", "half", "year") else "year", ["how often a file comes"]
    )
    yield _boundary_set(tables[0].sketch, period, reference)
    yield _number_locale(tables)


def _boundary_set(found: Sketch, period: Period | None, reference: Reference) -> Line:
    """`by_period`, unless the places are of another set than that of the period."""
    seen = f"its places are those of the {found.boundary_set} provinces ({found.covered:.0%} of them are named)"
    day = last_day(period.period_id) if period is not None and period.period_id != "undated" else None
    in_force = set_in_force(reference, day) if day else None
    if isinstance(in_force, str) and in_force != found.boundary_set and found.covered > 0.9:
        return Line("boundary_set", found.boundary_set, [f"{seen}, while {in_force} were in force on {day}"])
    return Line("boundary_set", BY_PERIOD, [] if found.covered == 1 else [seen])


def _number_locale(tables: Sequence[_Found]) -> Line:
    texts = {table.locale for table in tables} - {""}
    if len(texts) == 1:
        return Line("number_locale", texts.pop())
    return Line(
        "number_locale", "vi", ["vi 1.234,5 or en 1,234.5: no text of the file tells" if not texts else "both occur"]
    )


def _table(found: Sketch, path: Path, reference: Reference) -> _Found:
    """The layout of one sheet."""
    grid, titles = found.grid, title_cells(found.grid, found.header_row)
    period_line, period, templates = find_period(found, path)
    unit_line = _unit(titles, reference)
    units = frozenset(reference.units[each][0] for each in unit_titles(titles, (), reference))
    measures, codes = _measures(found, templates, units, reference)
    lines = [
        Line("header_rows", found.header_rows),
        period_line,
        *([unit_line] if unit_line else []),
        _places(found),
        *_labels(found, reference),
        *_end(found),
        *_ignored(found),
        Line("blank_cells", "missing", ["missing, ignore or reject"]),
        *_missing_tokens(found),
        Line("basis", _basis(codes), ["point (state at the end of the period), period, ytd or cumulative"]),
        Line("measures", measures),
    ]
    cells = [grid.cell(row, column) for row in range(found.first_row, found.end_row) for column in found.figures]
    texts = [cell for cell in cells if isinstance(cell, str) and is_figure(cell)]
    return _Found(grid.sheet, lines, locale_of(texts, ""), period, found, codes)


def _unit(titles: Sequence[tuple[str, str]], reference: Reference) -> Line | None:
    """The unit of titles, by the way it is written there; None where no title states a known one."""
    known = unit_titles(titles, (), reference)
    if not known:
        return None
    patterns = [
        pattern
        for pattern in UNIT_TITLES
        if any(fold(match_rest(pattern, text) or "") in reference.units for _, text in titles)
    ]
    questions = [f"several units are stated: {', '.join(known)}"] if len(known) > 1 else []
    if patterns:
        return Line("unit", {"from": "cell", "patterns": patterns[:1]}, questions)
    return Line("unit", {"from": "constant", "value": known[0]}, [*questions, "taken from a title: it may change"])


def _places(found: Sketch) -> Line:
    if found.pairs:
        asked = ["each figure has its place in the column left of it, each pair sorted on its own"]
        return Line("places", [{"offset": -1, "scheme": "name"}], asked)
    questions = [
        f"{' | '.join(found.paths[each.column])} could also be {', '.join(each.rivals)}"
        for each in _labelled(found)
        if each.rivals
    ]
    if found.unresolved:
        questions.append("not known as places: " + "; ".join(text[:40] for text in found.unresolved[:5]))
    return Line(
        "places",
        [{"column": _plain(found.paths[each.column]), "scheme": each.scheme} for each in _labelled(found)],
        questions,
    )


def _labelled(found: Sketch) -> list[PlaceColumn]:
    """The columns of places that a header names; in sheets of pairs the figure beside names them."""
    return [each for each in found.places if found.pairs or found.paths[each.column]]


def _labels(found: Sketch, reference: Reference) -> Iterable[Line]:
    """Rows of totals, regions and statistics among the data."""
    rows = range(found.first_row, found.end_row)
    before = min([*found.figures, len(found.paths)])
    texts = {
        fold(printed(cell)) for row in rows for cell in found.grid.rows[row][: max(before, 3)] if isinstance(cell, str)
    }
    kinds = {reference.label_kinds[text] for text in texts if text in reference.label_kinds}
    if "total" in kinds:
        yield Line("totals", "skip", ["skip, or country where they are figures of the whole country"])
    if others := sorted(kinds - {"total"}):
        yield Line("skip_rows", others)


def _end(found: Sketch) -> Iterable[Line]:
    """The first text below the data, or the blank row where there is none; figures below are asked about."""
    below = range(found.end_row, len(found.grid.rows))
    first = min([*found.figures, len(found.paths)])
    texts = [
        clean(cell)
        for row in below
        for cell in found.grid.rows[row][:first]
        if isinstance(cell, str) and not is_blank(cell)
    ]
    figures = any(is_figure(found.grid.cell(row, column)) for row in below for column in found.figures)
    asked = (
        ["figures stand below the data: below_end: lookup, where they only repeat what stands above"] if figures else []
    )
    if below and found.grid.is_blank_row(found.end_row):
        yield Line("ends_at", "blank_row", asked)
    elif texts:
        yield Line("end_labels", [texts[0][:_LONGEST_END].strip()], asked)


def _ignored(found: Sketch) -> Iterable[Line]:
    places = {each.column for each in found.places}
    taken = {folded_path(found.paths[column]) for column in _measured(found)}
    paths = [
        path
        for column, path in enumerate(found.paths)
        if path and column not in places and not (found.pairs and not path)
    ]
    left_out = {folded_path(path): path for path in paths if folded_path(path) not in taken}
    if found.pairs:
        left_out = {key: path for key, path in left_out.items() if not _is_beside(found, path)}
    if left_out:
        yield Line("ignore_columns", [_plain(path) for path in left_out.values()], ["holds none of them a figure?"])


def _is_beside(found: Sketch, path: HeaderPath) -> bool:
    """Whether the header is that of places left of a figure."""
    return any(column and found.paths[column - 1] == path for column in found.figures)


def _measured(found: Sketch) -> list[int]:
    return [column for column in found.figures if not is_row_number(found.paths[column])]


def _missing_tokens(found: Sketch) -> Iterable[Line]:
    cells = (found.grid.cell(row, column) for row in range(found.first_row, found.end_row) for column in found.figures)
    tokens = {clean(cell) for cell in cells if isinstance(cell, str) and not is_blank(cell) and not is_figure(cell)}
    if short := sorted(token for token in tokens if len(token) <= 3):
        value = {token: "L" for token in short}
        yield Line("missing_tokens", value, ["L not collected, O missing, M not applicable; is one of them zero?"])


def _measures(
    found: Sketch, templates: Mapping[int, str], units: frozenset[str], reference: Reference
) -> tuple[list[Line], list[str]]:
    """One entry a column, or a pattern of columns, with the indicators whose names are most like its label."""
    lines, codes, seen = [], [], set()
    for column in _measured(found):
        path = found.paths[column]
        declared = templates.get(column) or _plain(path)
        if folded_path(declared) in seen:
            continue
        seen.add(folded_path(declared))
        near = suggestions(path, reference)
        code = near[0][0] if near[0][1] >= _SURE and near[0][1] > near[1][1] else UNKNOWN
        codes.append(code)
        value: dict[str, Any] = {"column": declared, "indicator_code": code}
        if members := breakdown_in(path, reference):
            value["breakdown"] = members
        unit = unit_in(path, reference)
        is_other = bool(units) and units.isdisjoint({reference.indicators[near[0][0]]["unit"]})
        if unit or not units or is_other:
            value["unit"] = unit or "?"
        asked = "indicator: " + ", ".join(
            f"{each} ({reference.indicators[each]['name_vi']}, {score:.0f} %)" for each, score in near
        )
        lines.append(Line("", value, [asked, *(["unit"] if value.get("unit") == "?" else [])]))
    return lines, codes


def _basis(codes: Sequence[str]) -> str:
    return "point" if any(code.startswith("tel_") for code in codes) else "period"


def _plain(path: HeaderPath) -> str | list[str]:
    return path[0] if len(path) == 1 else list(path)


def _layout(tables: Sequence[_Found], left_out: Sequence[str], file_format: str) -> list[str]:
    """The layout, or one table for each way in which sheets are laid out; sheets that are alike share one."""
    asked = ["these sheets name no provinces"] if left_out else []
    shared = written([Line("ignore_sheets", list(left_out), asked)], 1) if left_out else []
    if file_format == "csv":
        return [*shared, *written(tables[0].lines, 1)]
    groups: dict[str, list[_Found]] = {}
    for table in tables:
        groups.setdefault("\n".join(written(table.lines, 1)), []).append(table)
    if len(groups) == 1:
        return [*shared, *written([_sheets(tables), *tables[0].lines], 1)]
    text = []
    for group in groups.values():
        first, *rest = written([_sheets(group), *group[0].lines], 3)
        text += [f"    - {first.strip()}", *rest]
    return [*shared, "  tables:", *text]


def _sheets(tables: Sequence[_Found]) -> Line:
    names = [table.sheet for table in tables]
    return Line("sheet", names[0] if len(names) == 1 else names)


def _comment(path: Path, tables: Sequence[_Found]) -> list[str]:
    found = tables[0].sketch
    return [
        f"# Proposed from {path.name}: {len(tables)} sheet(s), {len(found.figures)} columns of figures, header in row "
        f"{found.grid.row_numbers[found.header_row]}.",
        "# Answer every line that begins with `# ?`, then: sotinh check FILE --source ID",
    ]


def _no_sheet(suffix: str) -> FileFault:
    listed = ", ".join(FORMATS)
    return FileFault(
        "unreadable_file",
        f"Chưa đề xuất được cho tệp “{suffix}”; các loại đọc được: {listed}.",
        f"Nothing can be proposed for a “{suffix}” file; these are understood: {listed}.",
    )


def _no_places(sheets: Sequence[str]) -> FileFault:
    names = ", ".join(f"“{name}”" for name in sheets)
    return FileFault(
        "header_not_found",
        f"Không có cột nào ghi tên hoặc mã tỉnh nhận ra được, với tiêu đề phía trên, trong {names}; "
        "phải viết YAML bằng tay.",
        f"No column of {names} names provinces below a header; the source YAML has to be written by hand.",
    )
