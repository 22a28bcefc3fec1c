"""Which sheets of a workbook belong to which tables of its source; a sheet that nobody declared refuses the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestion.columns import is_pattern
from ingestion.errors import FileFault
from ingestion.templates import match
from ingestion.text import fold


def assign_sheets(
    layouts: Sequence[Mapping[str, Any]], ignored: Sequence[str], names: Sequence[str], is_blank: Callable[[str], bool]
) -> dict[str, list[int]]:
    """For each sheet to read, in the order of the workbook, the numbers of the layouts it is read by.

    Args:
        layouts: the layout of each table; one without `sheet` is for the only sheet that is left.
        ignored: names and patterns of sheets to leave out.
        names: the visible sheets.
        is_blank: tells whether a sheet shows nothing at all; such a one may be left over.

    Raises FileFault sheet_not_found, unexpected_sheet.
    """
    found: dict[str, list[int]] = {name: [] for name in names}
    for number, layout in enumerate(layouts):
        declared = layout.get("sheet")
        for each in [declared] if isinstance(declared, str | int) else declared or ():
            meant = names[each - 1 : each] if isinstance(each, int) else _meant(each, names)
            if not meant or (len(meant) > 1 and isinstance(each, str) and not is_pattern(each)):
                raise _not_found(each, names)
            for name in meant:
                found[name].append(number)
    left_out = {name for each in ignored for name in _meant(each, names)}
    others = [name for name in names if not found[name] and name not in left_out and not is_blank(name)]
    unnamed = [number for number, layout in enumerate(layouts) if "sheet" not in layout]
    if unnamed and len(others) != 1:
        raise _not_found(None, names)
    if others and not unnamed:
        raise _unexpected(others)
    for name in others:
        found[name] = unnamed
    return {name: numbers for name, numbers in found.items() if numbers}


def _meant(declared: str, names: Sequence[str]) -> list[str]:
    """The sheets with exactly this name, else those with the same folded name or of this pattern."""
    if is_pattern(declared):
        return [name for name in names if match(declared, name) is not None]
    return [name for name in names if name == declared] or [name for name in names if fold(name) == fold(declared)]


def _not_found(declared: str | int | None, names: Sequence[str]) -> FileFault:
    found = ", ".join(f"“{name}”" for name in names) or "—"
    asked = "—" if declared is None else f"“{declared}”"
    return FileFault(
        "sheet_not_found",
        f"Không xác định được trang tính {asked}; các trang đang hiện: {found}. "
        "Kiểm tra tệp hoặc sửa layout.sheet của nguồn.",
        f"Sheet {asked} is not exactly one of the visible sheets: {found}. "
        "Check the file, or layout.sheet of the source YAML.",
    )


def _unexpected(names: Sequence[str]) -> FileFault:
    found = ", ".join(f"“{name}”" for name in names)
    return FileFault(
        "unexpected_sheet",
        f"Tệp có trang tính chưa khai báo: {found}; khai báo trang đó trong sheet hoặc ignore_sheets của nguồn.",
        f"The workbook has sheets that are not declared: {found}; name them under sheet or ignore_sheets of the "
        "source YAML.",
    )
