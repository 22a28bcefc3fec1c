"""A sheet looked at without any declaration: its places by what the reference tables know, and the header above them.

Nothing here decides what a figure means. It finds where things stand, for a person to confirm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingestion.areas import known
from ingestion.columns import HeaderPath
from ingestion.data_end import is_figure
from ingestion.grid import Grid
from ingestion.layout_record import way_of_writing
from ingestion.reference import Reference
from ingestion.sketch_header import find_head, header_paths, is_labelled
from ingestion.text import clean, fold, is_blank, printed

# A file of 100,000 rows says what it is in its first ones.
ROWS_LOOKED_AT = 400
COLUMNS_LOOKED_AT = 60
_FEWEST_PLACES = 3
_LONGEST_NAME = 60
_LONGEST_CODE = 8
_CELLS_SAMPLED = 60
_ENOUGH = 0.5
_AGREED = 0.9
_ROW_NUMBERS = frozenset({"tt", "stt", "st", "so tt", "so thu tu", "thu tu", "no"})
Areas = Mapping[int, str]


@dataclass(frozen=True)
class PlaceColumn:
    """A column of places: how they are written, and the share of its texts that this scheme knows.

    `rivals` are schemes that know its texts as well.
    """

    column: int
    scheme: str
    share: float
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sketch:
    """Where things stand on a sheet, rows and columns from 0; `end_row` is the first row after the data.

    `label_rows` are those of the header that name the columns, from 1, where others number them; else none is named.
    `pairs` says that places stand beside each figure, each pair sorted on its own. `covered` is the share of the
    boundary set's provinces that the sheet names.
    """

    grid: Grid
    places: Sequence[PlaceColumn]
    pairs: bool
    boundary_set: str
    covered: float
    header_row: int
    header_rows: int
    label_rows: Sequence[int]
    first_row: int
    end_row: int
    paths: Sequence[HeaderPath]
    figures: Sequence[int]
    unresolved: Sequence[str]


def sketch(grid: Grid, reference: Reference, schemes: Sequence[str] = ()) -> Sketch | None:
    """What a sheet looks like, None where no column names provinces.

    Args:
        grid: the sheet.
        reference: the reference tables.
        schemes: schemes to try; all known ones without.
    """
    schemes = schemes or ("name", "gso", *sorted(reference.schemes - {"name", "gso"}))
    set_name, columns = _boundary_set(grid, reference, schemes)
    if not columns:
        return None
    found, by_row = _places(grid, reference, schemes, set_name, columns)
    if not found:
        return None
    rows = sorted(by_row)
    head = find_head(grid, rows[0], reference)
    if head is None:
        return None
    paths = header_paths(grid, head.row, head.row + (len(head.label_rows) or head.rows))
    first_row = head.first_row
    names = [each.column for each in found if each.scheme == "name"]
    is_pairs = len(names) > 2 and _sorted_apart(grid, reference, names, set_name, rows)
    figures = [
        column
        for column, path in enumerate(paths)
        if path
        and column not in {each.column for each in found}
        and _holds_figures(grid, column, range(first_row, rows[-1] + 1))
    ]
    whole = {
        each.province_id
        for each in reference.areas.values()
        if each.boundary_set == set_name and each.area_level == "province"
    }
    end = _end_row(grid, rows[-1], found[0].column, reference)
    texts = [clean(printed(grid.cell(row, found[0].column))) for row in range(first_row, end)]
    unresolved = [text for row, text in enumerate(texts, first_row) if text and row not in by_row]
    return Sketch(
        grid=grid,
        places=found[:1] if is_pairs else found,
        pairs=is_pairs,
        boundary_set=set_name,
        covered=len(set(by_row.values()) & whole) / len(whole),
        header_row=head.row,
        header_rows=head.rows,
        label_rows=head.label_rows,
        first_row=first_row,
        end_row=end,
        paths=paths,
        figures=figures,
        unresolved=[text for text in unresolved if fold(text) not in reference.label_kinds],
    )


def is_row_number(path: HeaderPath) -> bool:
    """Whether a header says that the column numbers its rows."""
    return bool(path) and bool(_ROW_NUMBERS & {fold(path[-1]), fold(path[0]), "".join(map(fold, path))})


def areas_of(grid: Grid, reference: Reference, column: int, scheme: str, set_name: str) -> dict[int, str]:
    """For each row whose cell is a place of the set by this scheme, the area it means."""
    found = {}
    values = {row: grid.cell(row, column) for row in range(min(len(grid.rows), ROWS_LOOKED_AT))}
    is_possible = (
        way_of_writing(list(values.values())) == "name" if scheme == "name" else _may_be_codes(values.values())
    )
    if not is_possible:
        return {}
    for row, value in values.items():
        text = printed(value)
        if is_blank(value) or len(text) > _LONGEST_NAME:
            continue
        area_id = known(reference, scheme, text, set_name)
        if area_id is not None:
            found[row] = area_id
    return found


def _may_be_codes(values: Iterable[object]) -> bool:
    """Whether most texts of a column are short words or whole numbers: only then its codes are looked up."""
    texts = [clean(printed(value)) for value in values if not is_blank(value)][:_CELLS_SAMPLED]
    short = [text for text in texts if len(text) <= _LONGEST_CODE and (text.isdecimal() or any(map(str.isalpha, text)))]
    return 2 * len(short) >= len(texts)


def _boundary_set(grid: Grid, reference: Reference, schemes: Sequence[str]) -> tuple[str, list[int]]:
    """The set that knows most of the places and has the fewest others, and the columns that may hold places."""
    width = min(max((len(row) for row in grid.rows[:ROWS_LOOKED_AT]), default=0), COLUMNS_LOOKED_AT)
    best: tuple[float, float, str, list[int]] = (0.0, 0.0, "63", [])
    candidates: Sequence[int] = range(width)
    for each in sorted(reference.sets, key=lambda known_set: known_set.name != "63"):
        whole = sum(a.area_level == "province" and a.boundary_set == each.name for a in reference.areas.values())
        columns, score, covered = [], 0.0, 0.0
        for column in candidates:
            rows = areas_of(grid, reference, column, schemes[0], each.name)
            is_named = schemes[0] == "name" and len(set(rows.values())) >= _FEWEST_PLACES
            if not is_named:
                codes = [areas_of(grid, reference, column, scheme, each.name) for scheme in schemes]
                rows = max(codes, key=lambda found: len(set(found.values())))
            if len(set(rows.values())) >= _FEWEST_PLACES:
                columns.append(column)
                score = max(score, len(rows) * _share(grid, column, rows) * (2 if is_named else 1))
                covered = max(covered, len(set(rows.values())) / whole)
        candidates = columns  # names of the other sets are among those of the 63
        if (round(score, 6), covered if covered >= _ENOUGH else 0.0) > best[:2]:
            best = (round(score, 6), covered if covered >= _ENOUGH else 0.0, each.name, columns)
    return best[2], best[3]


def _places(
    grid: Grid, reference: Reference, schemes: Sequence[str], set_name: str, columns: Sequence[int]
) -> tuple[list[PlaceColumn], Areas]:
    """The columns of places. Codes beside names must mean the same areas; alone, numbers need a header that says so."""
    named: dict[int, Areas] = {}
    if "name" in schemes:
        every: dict[int, Areas] = {column: areas_of(grid, reference, column, "name", set_name) for column in columns}
        named = {column: rows for column, rows in every.items() if _share(grid, column, rows) >= _ENOUGH}
    main: Areas = max(named.values(), key=len, default={})
    found = [PlaceColumn(column, "name", _share(grid, column, rows)) for column, rows in named.items()]
    for column in columns:
        if column in named:
            continue
        best = _best_code(grid, reference, column, [each for each in schemes if each != "name"], set_name, main)
        if best is not None:
            found.append(best[0])
            main = main or best[1]
    return sorted(found, key=lambda each: (each.scheme != "name", each.column)), main


def _best_code(
    grid: Grid, reference: Reference, column: int, schemes: Sequence[str], set_name: str, main: Areas
) -> tuple[PlaceColumn, Areas] | None:
    best: list[tuple[float, str, Areas]] = []
    rows: Areas
    for scheme in schemes:
        rows = areas_of(grid, reference, column, scheme, set_name)
        if len(set(rows.values())) >= _FEWEST_PLACES:
            agreed = sum(main.get(row) == area for row, area in rows.items()) / max(len(main), len(rows))
            best.append((agreed if main else _share(grid, column, rows), scheme, rows))
    if not best:
        return None
    score, scheme, rows = max(best, key=lambda each: each[0])
    if score < _AGREED or (not main and way_of_writing([grid.cell(row, column) for row in rows]) == "number"):
        return None
    rivals = tuple(each for other, each, _ in best if other == score and each != scheme)
    return PlaceColumn(column, scheme, _share(grid, column, rows), rivals), rows


def _share(grid: Grid, column: int, rows: Areas) -> float:
    """Of the texts between the first and the last known place, the share that is known."""
    if len(set(rows.values())) < _FEWEST_PLACES:
        return 0.0
    between = range(min(rows), max(rows) + 1)
    return len(rows) / sum(not is_blank(grid.cell(row, column)) for row in between)


def _sorted_apart(grid: Grid, reference: Reference, columns: Sequence[int], set_name: str, rows: Sequence[int]) -> bool:
    """Whether columns of names mean other areas in most rows: pairs that are each sorted on their own."""
    first, *others = (areas_of(grid, reference, column, "name", set_name) for column in columns)
    return any(sum(first.get(row) == other.get(row) for row in rows) < len(rows) / 2 for other in others)


def _holds_figures(grid: Grid, column: int, rows: range) -> bool:
    cells = [grid.cell(row, column) for row in rows if not is_blank(grid.cell(row, column))]
    return bool(cells) and sum(map(is_figure, cells)) >= _ENOUGH * len(cells)


def _end_row(grid: Grid, last: int, column: int, reference: Reference) -> int:
    """The row after the last province, and after a row of totals below it."""
    row = last + 1
    while row < len(grid.rows) and is_labelled(grid.rows[row][: column + 2], reference):
        row += 1
    return row
