"""What stands around a table and holds for all of it: period and unit in title cells, sheet name or file name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ingestion.errors import FileFault
from ingestion.header import title_cells
from ingestion.layout import Table, period_options
from ingestion.periods import Period, read_period
from ingestion.source import Source
from ingestion.templates import match_period, match_rest


def period_of_table(table: Table, file_name: str, source: Source) -> tuple[Period, str] | None:
    """The period of the whole sheet and its text, None where each row or header has its own. Raises FileFault."""
    declared = source.layout["period"]
    options = period_options(source.layout)
    if declared["from"] in ("column", "header"):
        return None
    if declared["from"] == "constant":
        texts = [("—", str(declared["value"]))]
        read = [(read_period(text, **options), text) for _, text in texts]
    else:
        texts = _places_to_look(table, file_name, declared["from"])
        read = [
            (match_period(pattern, text, options["administrative_quarters"]), text)
            for pattern in declared["patterns"]
            for _, text in texts
        ]
        expect = options["expect"]
        read = [(each, text) for each, text in read if each and read_period(each.period_id, expect=expect)]
    found = {period.period_id: (period, text) for period, text in read if period is not None}
    if len(found) == 1:
        return next(iter(found.values()))
    raise _not_found("period_not_found", "kỳ số liệu", "the period", declared, texts, sorted(found))


def unit_of_table(table: Table, source: Source) -> str | None:
    """The unit label of the whole sheet, None where rows or measures have their own. Raises FileFault."""
    declared = source.layout.get("unit")
    if declared is None or declared["from"] == "column":
        return None
    if declared["from"] == "constant":
        return str(declared["value"])
    texts = _places_to_look(table, "", declared["from"])
    found = {match_rest(pattern, text) for pattern in declared["patterns"] for _, text in texts} - {None, ""}
    if len(found) == 1:
        return found.pop()
    raise _not_found("unit_not_found", "đơn vị tính", "the unit", declared, texts, sorted(map(str, found)))


def _places_to_look(table: Table, file_name: str, where: str) -> list[tuple[str, str]]:
    if where == "file_name":
        return [("file name", PurePosixPath(file_name).stem)]
    if where == "block":
        return [("block", table.block)]
    if where == "sheet_name":
        return [("sheet name", table.grid.sheet)]
    return title_cells(table.grid, table.header_row)


def _not_found(
    code: str,
    what_vi: str,
    what_en: str,
    declared: Mapping[str, Any],
    texts: Sequence[tuple[str, str]],
    found: Sequence[str],
) -> FileFault:
    patterns = ", ".join(f"“{pattern}”" for pattern in declared.get("patterns", [declared.get("value")]))
    seen = "; ".join(f"{where} “{text[:60]}”" for where, text in texts[:12]) or "—"
    several = ", ".join(found) or "—"
    return FileFault(
        code,
        f"Không xác định được {what_vi} theo mẫu {patterns}: tìm thấy {several}; các ô đã xem: {seen}. "
        "Kiểm tra tệp hoặc sửa layout của nguồn.",
        f"Exactly one text should give {what_en} by {patterns}: found {several}; looked at {seen}. "
        "Check the file, or the layout of the source YAML.",
    )
