"""A first source YAML for a workbook or a table of text: the source as a whole, and the layout of each sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ingestion.areas import BY_PERIOD, set_in_force
from ingestion.errors import FileFault
from ingestion.grid import Grid
from ingestion.header import title_cells
from ingestion.layout_record import LOCALES, locale_of, read_by
from ingestion.period_texts import period_pattern
from ingestion.periods import Period, last_day, period_type
from ingestion.proposed_layout import ProposedTable, labelled, measured, proposed_table
from ingestion.proposed_yaml import Line, written
from ingestion.readers import csv_file, workbook_file
from ingestion.reference import Reference
from ingestion.sketch import sketch
from ingestion.text import fold, printed

_ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1258", "cp1252")
_DELIMITERS = (",", ";", "\t", "|")
_NO_TITLE = ("ghi chu", "nguon", "don vi", "dvt")
_COVERED = 0.9
_FREQUENCIES = ("day", "month", "quarter", "half", "year")


def proposed_sheets(path: Path, source_id: str, file_format: str, reference: Reference) -> tuple[str, list[str]]:
    """What was found, in a few words, and the lines of the YAML.

    Raises FileFault where the file cannot be read, or where no column of it names provinces.
    """
    encoding, delimiter, grids = _grids(path, file_format, reference)
    sketches = [(grid, found) for grid in grids if (found := sketch(grid, reference)) is not None]
    sketches = [(grid, found) for grid, found in sketches if measured(found) and labelled(found)]
    if not sketches:
        raise _no_places([grid.sheet for grid in grids])
    tables = [proposed_table(found, path, reference) for _, found in sketches]
    left_out = [grid.sheet for grid in grids if all(grid is not known for known, _ in sketches)]
    lines = [*_head(path, source_id, file_format, tables, reference)]
    if file_format == "csv":
        lines += [Line("encoding", encoding), Line("delimiter", delimiter)]
    found = tables[0].sketch
    row = found.grid.row_numbers[found.header_row]
    about = f"{len(tables)} sheet(s), {len(found.figures)} columns of figures, header in row {row}"
    layout = _layout(tables, left_out, file_format, _operator(path, tables, reference))
    return about, [*written(lines, 0), "", "layout:", *layout]


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
    path: Path, source_id: str, file_format: str, tables: Sequence[ProposedTable], reference: Reference
) -> Iterable[Line]:
    operator = _operator(path, tables, reference)
    period = next((table.period for table in tables if table.period is not None), None)
    kind = period_type(period.period_id) if period else ""
    yield Line("source_id", source_id)
    yield Line("publisher", "?", notes=["to fill in: who publishes the figures"])
    told = [text for text in _titles(tables) if not fold(text).startswith(_NO_TITLE) and period_pattern(text) is None]
    yield Line("title", max(told, key=len, default=path.stem)[:200])
    yield Line("shape", "subscribers" if operator else "indicators")
    yield Line("format", file_format)
    ranks = "to confirm: ministry 10, province 20, press 30, operator 40; the lowest wins"
    yield Line("rank", 40 if operator else 20, notes=[ranks])
    yield Line("frequency", kind if kind in _FREQUENCIES else "year", notes=["to confirm: how often a file comes"])
    yield _boundary_set(tables[0], period, reference)
    yield _number_locale([text for table in tables for text in table.texts])


def _titles(tables: Sequence[ProposedTable]) -> list[str]:
    return [text for _, text in title_cells(tables[0].sketch.grid, tables[0].sketch.header_row)]


def _operator(path: Path, tables: Sequence[ProposedTable], reference: Reference) -> str | None:
    """The one operator that the titles or the name of a file of telecom figures say."""
    codes = [code for table in tables for code in table.codes]
    if sum(code.startswith("tel_") for code in codes) * 2 <= len(codes):
        return None
    words = set(fold(" ".join([path.stem.replace("_", " "), *_titles(tables)])).split())
    found = [code for dimension, code in reference.members if dimension == "operator" and code in words]
    return found[0] if len(found) == 1 else None


def _boundary_set(table: ProposedTable, period: Period | None, reference: Reference) -> Line:
    """`by_period`, unless the places of a file of one period are of another set than that in force then."""
    found = table.sketch
    seen = [f"its places are those of the {found.boundary_set} provinces ({found.covered:.0%} of them are named)"]
    day = last_day(period.period_id) if period is not None and period.period_id != "undated" else None
    in_force = set_in_force(reference, day) if day else None
    is_other = isinstance(in_force, str) and in_force != found.boundary_set
    if is_other and found.covered > _COVERED and not table.has_many_periods:
        return Line("boundary_set", found.boundary_set, notes=[f"{seen[0]}, while {in_force} were in force on {day}"])
    return Line("boundary_set", BY_PERIOD, notes=[] if found.covered == 1 and not is_other else seen)


def _number_locale(texts: Sequence[str]) -> Line:
    """The locale that alone can read some texts; else a question, for `1.234` may be either."""
    fits = [{locale for locale in LOCALES if read_by(text, locale)} for text in texts]
    sure = {locale for each in fits if len(each) == 1 for locale in each}
    forms = "vi 1.234,5 or en 1,234.5"
    if len(sure) == 1:
        return Line("number_locale", sure.pop())
    if len(sure) == 2:
        return Line("number_locale", "vi", [f"{forms}: both occur"])
    marked = [text for text in texts if "." in text or "," in text]
    if marked:
        likely = locale_of(marked, "vi")
        return Line("number_locale", likely, [f"{forms}: “{marked[0]}” may be either"])
    return Line("number_locale", "vi", notes=[f"{forms}: nothing in the file depends on it"])


def _layout(
    tables: Sequence[ProposedTable], left_out: Sequence[str], file_format: str, operator: str | None
) -> list[str]:
    """The layout, or one table for each way in which sheets are laid out; sheets that are alike share one."""
    asked = ["these sheets name no provinces"] if left_out else []
    shared = written([Line("ignore_sheets", list(left_out), asked)], 1) if left_out else []
    shared += written([Line("constants", {"operator": operator})], 1) if operator else []
    if file_format == "csv":
        return [*shared, *written(tables[0].lines, 1)]
    groups: dict[str, list[ProposedTable]] = {}
    for table in tables:
        groups.setdefault("\n".join(written(table.lines, 1)), []).append(table)
    if len(groups) == 1:
        return [*shared, *written([_sheets(tables), *tables[0].lines], 1)]
    text = []
    for group in groups.values():
        first, *rest = written([_sheets(group), *group[0].lines], 3)
        text += [f"    - {first.strip()}", *rest]
    return [*shared, "  tables:", *text]


def _sheets(tables: Sequence[ProposedTable]) -> Line:
    names = [table.sheet for table in tables]
    return Line("sheet", names[0] if len(names) == 1 else names)


def _no_places(sheets: Sequence[str]) -> FileFault:
    names = ", ".join(f"“{name}”" for name in sheets)
    return FileFault(
        "header_not_found",
        f"Không có cột nào ghi tên hoặc mã tỉnh nhận ra được, với tiêu đề phía trên, trong {names}; "
        "phải viết YAML bằng tay.",
        f"No column of {names} names provinces below a header; the source YAML has to be written by hand.",
    )
