"""A header that is no longer the declared one: which of its columns are the declared ones, by exact and like labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from ingestion.columns import Declared, HeaderPath, folded_path, is_pattern, labels_of, means, required_columns
from ingestion.grid import Grid
from ingestion.layout_diff import Record
from ingestion.layout_record import column_roles
from ingestion.reference import Reference
from ingestion.sketch import sketch
from ingestion.sketch_header import header_paths
from ingestion.text import column_letters, fold, is_blank

ROWS_LOOKED_AT = 60
# Below it two labels are no longer taken for one column.
LIKE = 60.0
# A label that is as like to another column leaves open which of the two is meant.
_CLEAR_BY = 3.0
_IN_BRACKETS = re.compile(r"\(([^()]*[^\W\d_][^()]*)\)")
_COMMON = 3


@dataclass(frozen=True)
class _Header:
    row: int
    rows: int
    paths: Sequence[HeaderPath]


def labels_known(grid: Grid, old: Record) -> int:
    """How many labels of an earlier file's columns stand in the first rows of a sheet."""
    parts = {fold(part) for table in old for column in table["columns"] for part in column["label"].split(" | ")}
    seen = {fold(cell) for row in grid.rows[:ROWS_LOOKED_AT] for cell in row if isinstance(cell, str)}
    return len((parts & seen) - {""})


def relabel(
    grid: Grid, layout: Mapping[str, Any], reference: Reference, old: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The changes by which the layout's columns are those of the sheet's header; None where they cannot be told.

    A declared column without a like one is lacking, one of the sheet without a declared one is to be ignored. Where
    most labels are others, and there are as many columns in as many rows as before, they go by their places.

    Args:
        grid: the sheet.
        layout: the layout of the table as it is declared.
        reference: the reference tables; units in labels are known by them.
        old: the record of the table in the file before.
    """
    matched = _match(grid, layout, reference, old)
    if matched is None:
        return None
    header, pairs, missing, free = matched
    ignored = {folded_path(each) for each in layout.get("ignore_columns", ())}
    renamed = []
    for each, column in pairs:
        if folded_path(each) == folded_path(header.paths[column]):
            continue
        unit = _unit_now(each, header.paths[column], layout, reference)
        if unit is None:
            return None
        renamed.append(
            {"was": _plain(each), "column": _plain(header.paths[column]), **({"unit": unit} if unit else {})}
        )
    found = [each for each, _ in pairs]
    lacks = [each for each in missing if each not in found and folded_path(each) not in ignored]
    if any(folded_path(each) not in _measures(layout) for each in lacks):
        return None
    added = [header.paths[column] for column in free if column not in {column for _, column in pairs}]
    fields: dict[str, Any] = {"header_rows": header.rows} if header.rows != layout["header_rows"] else {}
    fields |= {"renamed": renamed} if renamed else {}
    fields |= {"lacks": [_plain(each) for each in lacks]} if lacks else {}
    fields |= {"ignore_columns": [_plain(path) for path in added]} if added else {}
    return fields or None


def columns_seen(
    grid: Grid, layout: Mapping[str, Any], reference: Reference, old: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """The columns of a sheet that cannot be read, as a layout record tells them, by what their labels are like."""
    matched = _match(grid, layout, reference, old)
    if matched is None:
        return []
    header, pairs, _, _ = matched
    roles = list(column_roles(layout))
    like = {column: folded_path(each) for each, column in pairs}
    seen = []
    for column, path in enumerate(header.paths):
        role = next(
            (
                role
                for each, role in roles
                if (means(each, path) if path else False) or folded_path(each) == like.get(column)
            ),
            "ignored" if path else "blank",
        )
        seen.append({"label": " | ".join(path), "is": role, "at": column_letters(column)})
    return seen


def _match(
    grid: Grid, layout: Mapping[str, Any], reference: Reference, old: Mapping[str, Any] | None
) -> tuple[_Header, list[tuple[Declared, int]], list[Declared], list[int]] | None:
    """The header, the declared columns found by likeness or place, all that have no exact label, and free columns."""
    declared: list[Declared] = [*required_columns(layout), *layout.get("ignore_columns", ())]
    header = _header(grid, declared, int(layout["header_rows"]), reference)
    if header is None:
        return None
    taken: dict[int, Declared] = {}
    for each in declared:
        for column in (number for number, path in enumerate(header.paths) if path and means(each, path)):
            taken.setdefault(column, each)
    missing = [each for each in declared if not is_pattern(each) and all(each is not other for other in taken.values())]
    free = [column for column, path in enumerate(header.paths) if path and column not in taken]
    pairs = _by_likeness(missing, free, header.paths, declared)
    if 2 * (len(missing) - len(pairs)) > len(declared):
        pairs = _by_place(declared, header, old)
    return header, pairs, missing, free


def _plain(declared: Declared) -> str | list[str]:
    labels = list(labels_of(declared))
    return labels[0] if len(labels) == 1 else labels


def _measures(layout: Mapping[str, Any]) -> set[HeaderPath]:
    """Folded columns that may be lacking: without a place, a period or a unit nothing can be read."""
    return {folded_path(measure["column"]) for measure in layout.get("measures", ())}


def _header(grid: Grid, declared: Sequence[Declared], rows: int, reference: Reference) -> _Header | None:
    """The header most like the declared one: as many rows anywhere, or what stands above the places."""
    tops = range(min(len(grid.rows), ROWS_LOOKED_AT))
    options = [_Header(top, rows, header_paths(grid, top, top + rows)) for top in tops if not grid.is_blank_row(top)]
    found = sketch(grid, reference)
    if found is not None:
        options.append(_Header(found.header_row, found.header_rows, found.paths))
        options = [each for each in options if each.row + each.rows <= found.first_row]
    best = max(options, key=lambda each: (_fit(each, declared, found), each.rows == rows), default=None)
    return best if best is not None and (found is not None or _fit(best, declared, None) > 0) else None


def _fit(header: _Header, declared: Sequence[Declared], found: Any) -> float:
    """How much of the declared columns a header has; that above the places of the sheet is preferred to a title."""
    exact = sum(any(path and means(each, path) for path in header.paths) for each in declared)
    labels = [fold(" ".join(path)) for path in header.paths if path]
    like = sum(
        max((fuzz.ratio(fold(" ".join(labels_of(each))), label) for label in labels), default=0.0) for each in declared
    )
    ends_at_data = found is not None and header.row + header.rows == found.header_row + found.header_rows
    return exact + like / 200 + (len(declared) / 2 if ends_at_data else 0.0)


def _by_place(
    declared: Sequence[Declared], header: _Header, old: Mapping[str, Any] | None
) -> list[tuple[Declared, int]]:
    """Declared columns by the places they had, where the header has as many columns as before; else none."""
    columns = [column for column, path in enumerate(header.paths) if path]
    before = [each for each in old["columns"] if each["is"] not in ("blank", "beside")] if old else []
    if old is None or len(before) != len(columns) or header.rows != old["header_rows"]:
        return []
    by_label = {" | ".join(labels_of(each)): each for each in declared if not is_pattern(each)}
    folded = {fold(label): each for label, each in by_label.items()}
    pairs = [(folded.get(fold(was["label"])), column) for was, column in zip(before, columns, strict=True)]
    return [(each, column) for each, column in pairs if each is not None]


def _by_likeness(
    missing: Sequence[Declared], free: Sequence[int], paths: Sequence[HeaderPath], declared: Sequence[Declared]
) -> list[tuple[Declared, int]]:
    """The likest pairs first, each column once; one that is as like to two is in no pair."""
    common = _common_words([*map(labels_of, declared), *paths])
    scores = sorted(
        (
            (likeness(each, paths[column], common), number, column)
            for number, each in enumerate(missing)
            for column in free
        ),
        key=lambda score: (-score[0], score[1], score[2]),
    )
    pairs: dict[int, int] = {}
    unclear: set[int] = set()
    for score, number, column in scores:
        if score < LIKE or number in pairs or number in unclear or column in pairs.values():
            continue
        rivals = [s for s, n, c in scores if n == number and c != column and c not in pairs.values() and s >= LIKE]
        if any(score - rival < _CLEAR_BY for rival in rivals):
            unclear.add(number)
        else:
            pairs[number] = column
    return [(missing[number], column) for number, column in pairs.items()]


def _common_words(labels: Sequence[Sequence[str]]) -> frozenset[str]:
    """Words that stand in many labels and so tell no column from another: `Thuê bao`."""
    words = [set(fold(" ".join(each)).split()) for each in labels]
    every = {word for each in words for word in each}
    return frozenset(word for word in every if sum(word in each for each in words) > _COMMON)


def likeness(declared: Declared, path: HeaderPath, common: frozenset[str] = frozenset()) -> float:
    """How like two labels are, 0 to 100, by the words that not every column has; initials count as their words."""
    ours, theirs = (fold(" ".join(labels_of(each))).split() for each in (declared, path))
    own = [[word for word in words if word not in common] or words for words in (ours, theirs)]
    ratio = fuzz.ratio(" ".join(own[0]), " ".join(own[1]))
    last = fold(labels_of(declared)[-1]) == fold(path[-1])
    subset = set(own[0]) <= set(own[1]) or set(own[1]) <= set(own[0])
    initials = {"".join(word[0] for word in words) for words in own} & {word for words in own for word in words}
    return max(ratio, 92.0 if last and subset else 0.0, 85.0 if subset else 0.0, 80.0 if initials else 0.0)


def _unit_now(declared: Declared, path: HeaderPath, layout: Mapping[str, Any], reference: Reference) -> str | None:
    """The unit that the new label states where the old stated another, "" where it states none new.

    None where it states one that is not known, or states none any more: by which the figures count, nothing tells.
    """
    was, now = _unit_in(labels_of(declared), reference), _unit_in(path, reference)
    if now is not None and (now == was or is_blank(now)):
        return ""
    brackets = [
        {fold(text) for label in labels for text in _IN_BRACKETS.findall(label)}
        for labels in (labels_of(declared), path)
    ]
    if now is None:
        return None if was is not None or (brackets[1] - brackets[0] and brackets[0]) else ""
    own = next(
        (m.get("unit") for m in layout.get("measures", ()) if folded_path(m["column"]) == folded_path(declared)), None
    )
    return "" if own is not None and fold(own) == fold(now) else now


def _unit_in(labels: Sequence[str], reference: Reference) -> str | None:
    """The known unit that a header states in brackets or as its last label."""
    texts = [text for label in labels for text in _IN_BRACKETS.findall(label)] + (
        [labels[-1]] if len(labels) > 1 else []
    )
    return next((text.strip() for text in texts if fold(text) in reference.units), None)
