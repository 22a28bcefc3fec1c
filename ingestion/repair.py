"""A file that drifted from its source's layout: the changes that make it readable, for a person to accept.

Each step looks at one fault and answers with one change; the file is then read again. Nothing is applied to a source
here, and what cannot be told for sure (which of two units, which unknown unit) ends the search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.areas import BY_PERIOD
from ingestion.columns import is_pattern
from ingestion.errors import FileFault, SourceError
from ingestion.grid import Grid
from ingestion.header import title_cells
from ingestion.later_layouts import changed_raw
from ingestion.layout import find_table
from ingestion.layout_diff import Difference, Record, differences_of_columns
from ingestion.layout_record import UNIT_TITLES
from ingestion.period_texts import period_pattern
from ingestion.periods import period_type
from ingestion.read import ReadResult, grids_of, read_file
from ingestion.readers import csv_file, workbook_file
from ingestion.reference import Reference
from ingestion.relabel import columns_seen, labels_known, relabel
from ingestion.sketch import areas_of
from ingestion.source import Source, source_of
from ingestion.surroundings import period_of_table, unit_of_table
from ingestion.tables import table_layouts
from ingestion.templates import match, match_rest
from ingestion.text import fold

_MOST_STEPS = 12
_ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1258", "cp1252")
_DELIMITERS = (",", ";", "\t", "|")
_LISTS = ("renamed", "lacks", "ignore_columns", "ignore_sheets")
# More cells refused than that: what was found does not read the file.
_MOST_REJECTED = 0.2
_WORKBOOK_FAULTS = ("sheet_not_found", "unexpected_sheet")


@dataclass(frozen=True)
class Repaired:
    """What a search came to.

    `entry` is the later layout without its fingerprint, `result` the file read by it: None where no change was found
    that reads it. `noticed` are causes that the layout records do not hold.
    """

    entry: Mapping[str, Any]
    result: ReadResult | None
    noticed: Sequence[Difference]


@dataclass(frozen=True)
class _Case:
    """A file at one step: the source as changed so far, the records of the file before."""

    path: Path
    file_name: str
    source: Source
    reference: Reference
    old: Record
    entry: Mapping[str, Any]

    def table(self, number: int) -> Mapping[str, Any] | None:
        return next((each for each in self.old if each["table"] == number), None)

    def with_change(self, number: int | None, **fields: Any) -> Mapping[str, Any]:
        """The entry with more fields in the change of one table, or of the whole workbook."""
        own: dict[str, Any] = {"table": number} if number and "tables" in self.source.raw["layout"] else {}
        changes = [dict(each) for each in self.entry.get("changes", ())]
        change = next((each for each in changes if each.get("table") == own.get("table")), None)
        if change is None:
            change = own
            changes.append(change)
        for key, value in fields.items():
            change[key] = [*change.get(key, ()), *value] if key in _LISTS else value
        return {**self.entry, "changes": changes}


def repair(path: Path, file_name: str, source: Source, reference: Reference, old: Record) -> Repaired:
    """The changes by which a file of a drifted layout can be read, found fault by fault.

    Args:
        path: the file.
        file_name: the name the publisher gave it.
        source: the source as it is declared.
        reference: the reference tables.
        old: the layout record of the source's file before.
    """
    entry: Mapping[str, Any] = {}
    seen: list[Mapping[str, Any]] = []
    while entry not in seen and len(seen) < _MOST_STEPS:
        seen.append(entry)
        try:
            changed = source_of(changed_raw(source.raw, entry), source.path, source.yaml_sha256)
            case = _Case(path, file_name, changed, reference, old, entry)
            result = read_file(path, file_name, changed, reference)
        except SourceError:
            return Repaired(entry, None, ())
        except FileFault as fault:
            step = _step_for(case, fault)
            if step is None:
                return Repaired(entry, None, _noticed(source, entry))
            entry = step
            continue
        step = _improved(case, result)
        if step is None:
            is_read = result.rejected.num_rows <= _MOST_REJECTED * result.rows_read and not _is_open(case, result)
            return Repaired(entry, result if is_read else None, _noticed(source, entry))
        entry = step
    return Repaired(entry, None, _noticed(source, entry))


def unread_differences(
    path: Path, file_name: str, source: Source, reference: Reference, old: Record
) -> list[Difference]:
    """What the headers of a file that cannot be read show to differ; nothing where not even its sheets are known."""
    found: list[Difference] = []
    try:
        for grid, part, number in grids_of(path, file_name, source):
            before = next((each for each in old if each["table"] == number), None)
            if before is not None and (seen := columns_seen(grid, part.layout, reference, before)):
                found += differences_of_columns(before["columns"], seen)
    except FileFault:
        return []
    return list(dict.fromkeys(found))


def _noticed(source: Source, entry: Mapping[str, Any]) -> list[Difference]:
    found: list[Difference] = []
    for key, vi, en in (("encoding", "Bảng mã", "The encoding"), ("delimiter", "Dấu phân cách", "The separator")):
        if key in entry:
            was, now = getattr(source, key), entry[key]
            found.append(
                Difference(key, f"{vi} đổi từ {was!r} thành {now!r}.", f"{en} changed from {was!r} to {now!r}.")
            )
    for change in entry.get("changes", ()):
        for sheet in change.get("ignore_sheets", ()):
            found.append(Difference("sheet_added", f"Thêm trang tính “{sheet}”.", f"Sheet “{sheet}” was added."))
        expect = change.get("period", {}).get("expect")
        if expect and all(expect != layout["period"].get("expect") for layout in table_layouts(source.layout)):
            found.append(Difference("period", f"Kỳ số liệu nay là {expect}.", f"The period is now a {expect}."))
    return found


def _step_for(case: _Case, fault: FileFault) -> Mapping[str, Any] | None:
    """The entry with one more change, by what is wrong with the first table that cannot be read."""
    is_text = case.source.format == "csv" and not {"encoding", "delimiter"} & case.entry.keys()
    if is_text and (step := _text_form(case)) is not None:
        return step
    if fault.reason_code in _WORKBOOK_FAULTS:
        return _sheets(case)
    try:
        for grid, part, number in grids_of(case.path, case.file_name, case.source):
            step = _step_in_table(case, grid, part, number)
            if step is not None:
                return step
    except FileFault:
        return None
    return None


def _step_in_table(case: _Case, grid: Grid, part: Source, number: int) -> Mapping[str, Any] | None:
    try:
        table = find_table(grid, part.layout, lambda text: case.reference.label_kinds.get(fold(text)))
    except FileFault as fault:
        fields = None
        if fault.reason_code in ("header_not_found", "column_not_found", "unexpected_column"):
            fields = relabel(grid, part.layout, case.reference, case.table(number))
        return None if fields is None else case.with_change(number, **fields)
    for look, mend in (
        (lambda: period_of_table(table, case.file_name, part), _period),
        (lambda: unit_of_table(table, part), _unit),
    ):
        try:
            look()
        except FileFault:
            fields = mend(case, part.layout, title_cells(grid, table.header_row), grid.sheet)
            return None if fields is None else case.with_change(number, **fields)
    return None


Titles = Sequence[tuple[str, str]]


def _period(case: _Case, layout: Mapping[str, Any], titles: Titles, sheet: str) -> dict[str, Any] | None:
    """Another pattern, where exactly one text around the table states a period."""
    declared = layout["period"]
    texts = {"cell": [text for _, text in titles], "sheet_name": [sheet], "file_name": [Path(case.file_name).stem]}
    found = {each for text in texts.get(declared["from"], ()) if (each := period_pattern(text)) is not None}
    if len(found) != 1:
        return None
    pattern, period = found.pop()
    kind = period_type(period.period_id)
    expect = {"expect": kind} if declared.get("expect", kind) != kind else {}
    return {"period": {**declared, "patterns": [pattern], **expect}}


def _unit(case: _Case, layout: Mapping[str, Any], titles: Titles, _sheet: str) -> dict[str, Any] | None:
    """Another pattern, where the titles state exactly one known unit."""
    if any(match_rest(pattern, text) for pattern in layout["unit"]["patterns"] for _, text in titles):
        return None  # several units: which of them holds, nothing tells
    units = {
        (pattern, fold(unit))
        for pattern in UNIT_TITLES
        for _, text in titles
        if (unit := match_rest(pattern, text)) and fold(unit) in case.reference.units
    }
    if len({unit for _, unit in units}) != 1:
        return None
    return {"unit": {**layout["unit"], "patterns": sorted(pattern for pattern, _ in units)}}


def _text_form(case: _Case) -> Mapping[str, Any] | None:
    """The encoding and separator under which most labels of the file before are found, where they are others."""
    scores: dict[tuple[str, str], int] = {}
    for encoding in _ENCODINGS:
        for delimiter in _DELIMITERS:
            try:
                grid = csv_file.read_grid(case.path, case.path.stem, encoding, delimiter)
            except FileFault:
                continue
            scores[encoding, delimiter] = labels_known(grid, case.old)
    declared = (case.source.encoding, case.source.delimiter)
    best = max(scores, key=lambda each: (scores[each], each == declared), default=declared)
    if best == declared or scores[best] <= scores.get(declared, 0):
        return None
    changed = {"encoding": best[0], "delimiter": best[1]}
    return {**case.entry, **{key: value for key, value in changed.items() if value != getattr(case.source, key)}}


def _sheets(case: _Case) -> Mapping[str, Any] | None:
    """A declared sheet that is missing is the new one with most of its labels; other new sheets are left out."""
    grids = {grid.sheet: grid for grid in workbook_file.read_grids(case.path, case.source.format)}
    layouts = table_layouts(case.source.layout)
    claimed = {name for layout in layouts for name in _meant(layout.get("sheet"), list(grids))}
    ignored = case.source.layout.get("ignore_sheets", ())
    free = [name for name in grids if name not in claimed and name not in _meant(ignored, list(grids))]
    entry = case.entry
    for number, layout in enumerate(layouts, 1):
        declared = [layout["sheet"]] if isinstance(layout.get("sheet"), str) else list(layout.get("sheet", ()))
        missing = [each for each in declared if not _meant(each, list(grids))]
        if not missing and ("sheet" in layout or len(free) <= 1):
            continue
        known = {
            name: labels_known(grids[name], [each for each in case.old if each["table"] == number]) for name in free
        }
        best = max(known, key=lambda name: known[name], default=None)
        if best is None or not known[best] or len(missing) > 1:
            return None
        free.remove(best)
        kept = [best if each in missing else each for each in declared] or [best]
        entry = _Case(**{**vars(case), "entry": entry}).with_change(number, sheet=kept[0] if len(kept) == 1 else kept)
    if free:
        entry = _Case(**{**vars(case), "entry": entry}).with_change(None, ignore_sheets=free)
    return entry


def _meant(declared: Any, names: Sequence[str]) -> list[str]:
    """The names that declared names or patterns of sheets mean."""
    if declared is None:
        return []
    found: list[str] = []
    for each in [declared] if isinstance(declared, str) else declared:
        fits: Callable[[str, str], object] = match if is_pattern(each) else _same
        found += [name for name in names if fits(each, name)]
    return found


def _same(declared: str, name: str) -> bool:
    return fold(declared) == fold(name)


def _is_open(case: _Case, result: ReadResult) -> bool:
    """Whether something is left that nothing tells: several units above a table, places written in an unknown way."""
    for new in result.layout:
        old = case.table(new["table"])
        if old is None or (len(new["units"]) > 1 and new["units"] != old["units"]):
            return True
        schemes = {each["is"] for each in new["columns"] if each.get("written")}
        before = {each["is"]: each["written"] for each in old["columns"] if each.get("written")}
        if any(
            before.get(each["is"], each["written"]) != each["written"]
            for each in new["columns"]
            if each["is"] in schemes
        ):
            return True
    return False


def _improved(case: _Case, result: ReadResult) -> Mapping[str, Any] | None:
    """One more change for a file that can be read, but not as it is meant: label rows, codes of places, locale."""
    layouts = table_layouts(case.source.layout)
    for new in result.layout:
        number, old = new["table"], case.table(new["table"])
        if old is None:
            continue
        if new["label_rows_below"] > old["label_rows_below"]:
            more = new["label_rows_below"] - old["label_rows_below"]
            return case.with_change(number, header_rows=new["header_rows"] + more)
        written = {each["label"]: each.get("written") for each in old["columns"]}
        for column in new["columns"]:
            if column.get("written") != written.get(column["label"], column.get("written")):
                return _scheme(case, layouts[number - 1], number, result)
        if new["texts"] != case.source.number_locale and new["texts"] != old["texts"]:
            return {**case.entry, "number_locale": new["texts"]}
    return None


def _scheme(case: _Case, layout: Mapping[str, Any], number: int, result: ReadResult) -> Mapping[str, Any] | None:
    """The one scheme that knows the places as they are written now, for each column of places."""
    sets = set(result.rows["boundary_set"].to_pylist()) - {None} or {case.source.boundary_set} - {BY_PERIOD} or {"63"}
    for grid, _, found in grids_of(case.path, case.file_name, case.source):
        if found != number:
            continue
        table = find_table(grid, layout, lambda text: case.reference.label_kinds.get(fold(text)))
        places = []
        for place in layout["places"]:
            best = _best_scheme(case, grid, table.column(place["column"]), place["scheme"], sorted(sets)[-1])
            if best is None:
                return None
            places.append({**place, "scheme": best})
        return case.with_change(number, places=places) if places != list(layout["places"]) else None
    return None


def _best_scheme(case: _Case, grid: Grid, column: int, declared: str, set_name: str) -> str | None:
    """The declared scheme, or the one that knows more; None where two know as many: later files may tell them apart."""
    known = {
        scheme: areas_of(grid, case.reference, column, scheme, set_name)
        for scheme in (declared, *sorted(case.reference.schemes - {declared}))
    }
    most = max(map(len, known.values()))
    best = [scheme for scheme, rows in known.items() if len(rows) == most]
    if declared in best:
        return declared
    return best[0] if len(best) == 1 else None
