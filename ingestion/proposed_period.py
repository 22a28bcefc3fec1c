"""Where an unknown sheet says its period: in its headers, a title, the name of the sheet or of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ingestion.columns import HeaderPath
from ingestion.header import title_cells
from ingestion.period_texts import period_pattern
from ingestion.periods import Period, period_type, read_text
from ingestion.proposed_yaml import Line
from ingestion.sketch import Sketch, is_row_number


def find_period(found: Sketch, path: Path) -> tuple[Line, Period | None, Mapping[int, HeaderPath]]:
    """The entry of the layout, the period of the file, and for columns whose headers state it their patterns.

    Where nothing states one period, the entry is a question.
    """
    if (in_headers := _in_headers(found)) is not None:
        return in_headers
    titles = [text for _, text in title_cells(found.grid, found.header_row)]
    for where, texts in (("cell", titles), ("sheet_name", [found.grid.sheet]), ("file_name", [path.stem])):
        seen = {each for text in texts if (each := period_pattern(text)) is not None}
        if where == "sheet_name" and path.suffix.lower() == ".csv":
            continue
        if len({period.period_id for _, period in seen}) == 1:
            period = next(iter(seen))[1]
            value = {
                "from": where,
                "patterns": sorted({pattern for pattern, _ in seen}),
                "expect": period_type(period.period_id),
            }
            return Line("period", value), period, {}
        if len(seen) > 1:
            listed = ", ".join(sorted(period.period_id for _, period in seen))
            value = {"from": where, "patterns": sorted({pattern for pattern, _ in seen})}
            return (
                Line("period", value, [f"several periods are stated ({listed}): keep the pattern that holds"]),
                None,
                {},
            )
    unsure = ["no period was found in titles, sheet or file name: say where it stands"]
    return Line("period", {"from": "constant", "value": "undated"}, unsure), None, {}


def _in_headers(found: Sketch) -> tuple[Line, Period, Mapping[int, HeaderPath]] | None:
    """The period of each column, where the headers of most state one, and not by chance: all do, or several alike."""
    figures = [column for column in found.figures if not is_row_number(found.paths[column])]
    said = {column: each for column in figures if (each := _period_in_header(found.paths[column])) is not None}
    counts = Counter(pattern for pattern, _ in said.values())
    is_told = len(said) == len(figures) or max(counts.values(), default=0) > 1
    if not said or 2 * len(said) <= len(figures) or not is_told:
        return None
    periods = [period for _, period in said.values()]
    line = Line("period", {"from": "header", "expect": period_type(periods[0].period_id)})
    return line, periods[-1], {column: pattern for column, (pattern, _) in said.items()}


def _period_in_header(path: HeaderPath) -> tuple[HeaderPath, Period] | None:
    """The header as a pattern, and the period that exactly one of its labels states."""
    found = [(at, said) for at, label in enumerate(path) if (said := _period_in_label(label)) is not None]
    if len(found) != 1:
        return None
    (at, (pattern, period)), *_ = found
    return (*path[:at], pattern, *path[at + 1 :]), period


def _period_in_label(label: str) -> tuple[str, Period] | None:
    words = label.split()
    for at in range(len(words)):
        period = read_text(" ".join(words[at:]))
        if period is not None:
            return " ".join([*words[:at], "{period}"]), period
    return period_pattern(label)
