"""Long sheets that nobody declared: one row per place, indicator and period. Which column says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingestion.columns import HeaderPath
from ingestion.data_end import is_figure
from ingestion.periods import Period, period_type, read_period
from ingestion.proposed_yaml import Line
from ingestion.reference import Reference
from ingestion.sketch import Sketch, is_row_number
from ingestion.suggest import SURE, suggestions
from ingestion.text import clean, fold, is_blank, printed

UNKNOWN = "unknown"
# Headers that say a column holds periods, units or figures; only then numbers such as 2022 are taken for years.
_PERIOD_WORDS = frozenset(
    {"nam", "ky", "quy", "thang", "ngay", "thoi", "gian", "bao", "cao", "so", "lieu"}
    | {"year", "period", "quarter", "month", "date"}
)
_INDICATOR_WORDS = ("chi tieu", "indicator", "noi dung", "measure", "item")
_VALUE_WORDS = ("gia tri", "value", "so lieu", "obs value", "ket qua")
_FEWEST_REPEATS = 1.5
_MOST_INDICATORS = 60


@dataclass(frozen=True)
class Roles:
    """What columns of a long sheet are, from 0; None for what no column says. `periods` are those that are stated.

    `twice` tells that several rows state one place, indicator and period.
    """

    period: int | None = None
    unit: int | None = None
    indicator: int | None = None
    periods: Sequence[Period] = ()
    labels: Sequence[str] = ()
    twice: bool = False


def roles(found: Sketch, reference: Reference) -> Roles:
    """The columns that say period, unit and indicator of each row; none of them in a sheet of one row per place."""
    rows = [row for row in range(found.first_row, found.end_row) if _key(found, row)]
    columns = [
        column
        for column, path in enumerate(found.paths)
        if path and column not in {each.column for each in found.places} and not is_row_number(path)
    ]
    texts = {column: [found.grid.cell(row, column) for row in rows] for column in columns}
    period = next((each for each in columns if _are_periods(found.paths[each], texts[each])), None)
    unit = next((each for each in columns if each not in found.figures and _are_units(texts[each], reference)), None)
    periods = [] if period is None else sorted(set(filter(None, map(read_period, texts[period]))), key=str)
    keys = [(_key(found, row), printed(found.grid.cell(row, period)) if period is not None else "") for row in rows]
    others = {each: texts[each] for each in columns if each not in (period, unit)}
    indicator = None if found.pairs else _indicator(found, keys, others)
    if indicator is None:
        return Roles(period, unit, periods=periods, twice=not found.pairs and len(set(keys)) < len(keys))
    said = [fold(printed(cell)) for cell in texts[indicator]]
    labels = {fold(clean(printed(cell))): clean(printed(cell)) for cell in texts[indicator] if not is_blank(cell)}
    twice = len(set(zip(keys, said, strict=True))) < len(keys)
    return Roles(period, unit, indicator, periods, list(labels.values()), twice)


def period_line(found: Sketch, seen: Roles) -> Line:
    """The entry of the period that a column says."""
    assert seen.period is not None
    kinds = {period_type(each.period_id) for each in seen.periods}
    value: dict[str, object] = {"from": "column", "column": plain(found.paths[seen.period])}
    if len(kinds) == 1:
        return Line("period", {**value, "expect": kinds.pop()})
    return Line("period", value, [f"periods of several kinds are stated: {', '.join(sorted(kinds))}"])


def indicators_line(found: Sketch, seen: Roles, reference: Reference) -> tuple[Line, list[str]]:
    """The entry of the column that names indicators, with the code of each that is certain, and these codes."""
    assert seen.indicator is not None
    codes: dict[str, str] = {}
    asked = []
    for label in seen.labels:
        near = suggestions([label], reference)
        is_sure = near[0][1] >= SURE and near[0][1] > near[1][1]
        codes[label] = near[0][0] if is_sure else UNKNOWN
        if not is_sure or near[0][1] < 100:
            asked.append(f"“{label}”: " + ", ".join(f"{each} ({score:.0f} %)" for each, score in near))
    value = {"column": plain(found.paths[seen.indicator]), "labels": codes}
    return Line("indicators", value, asked), list(codes.values())


def value_columns(found: Sketch, seen: Roles, figures: Sequence[int]) -> Sequence[int]:
    """Of columns of figures, those that hold the values of a long sheet: those called so, else all."""
    if seen.indicator is None:
        return figures
    return [each for each in figures if fold(" ".join(found.paths[each])) in _VALUE_WORDS] or figures


def plain(path: HeaderPath) -> str | list[str]:
    """The header of a column as the YAML names it."""
    return path[0] if len(path) == 1 else list(path)


def _key(found: Sketch, row: int) -> str:
    return fold(printed(found.grid.cell(row, found.places[0].column)))


def _are_periods(path: HeaderPath, cells: Sequence[object]) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    if not filled or any(read_period(cell) is None for cell in filled):
        return False
    is_called_so = set(fold(path[-1]).split()) <= _PERIOD_WORDS
    return is_called_so or not any(is_figure(cell) for cell in filled)


def _are_units(cells: Sequence[object], reference: Reference) -> bool:
    texts = [fold(cell) for cell in cells if isinstance(cell, str) and not is_blank(cell)]
    return bool(texts) and all(text in reference.units for text in texts)


def _indicator(found: Sketch, keys: Sequence[object], texts: Mapping[int, Sequence[object]]) -> int | None:
    """The column of few texts that is called so, else the one that tells the rows of a place and period apart best."""
    said = {column: [fold(printed(cell)) for cell in cells] for column, cells in texts.items()}
    few = [
        column
        for column, each in said.items()
        if column not in found.figures and all(each) and len(set(each)) <= _MOST_INDICATORS
    ]
    called_so = [each for each in few if any(word in fold(" ".join(found.paths[each])) for word in _INDICATOR_WORDS)]
    if called_so or len(keys) < _FEWEST_REPEATS * len(set(keys)):
        return next(iter(called_so), None)
    told = {column: len(set(zip(keys, said[column], strict=True))) for column in few}
    best = max(few, key=lambda column: told[column], default=None)
    return best if best is not None and told[best] > len(set(keys)) else None
