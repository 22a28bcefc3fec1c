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
from ingestion.sketch import Sketch


def find_period(found: Sketch, path: Path) -> tuple[Line, Period | None, Mapping[int, str]]:
    """The entry of the layout, the period of the file, and for columns whose headers state it their patterns.

    Where nothing states one period, the entry is a question.
    """
    templates = {column: each for column in found.figures if (each := _period_in_header(found.paths[column]))}
    counts = Counter(template for template, _ in templates.values())
    if templates and 2 * len(templates) > len(found.figures) and max(counts.values()) > 1:
        periods = [period for _, period in templates.values()]
        said = Line("period", {"from": "header", "expect": period_type(periods[0].period_id)})
        return said, periods[-1], {column: template for column, (template, _) in templates.items()}
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


def _period_in_header(path: HeaderPath) -> tuple[str, Period] | None:
    label = " ".join(path)
    words = label.split()
    for at in range(len(words)):
        period = read_text(" ".join(words[at:]))
        if period is not None:
            return " ".join([*words[:at], "{period}"]), period
    found = period_pattern(label)
    return found if len(path) == 1 else None
