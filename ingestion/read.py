"""One file of one source to rows of its shape: accepted rows, rejected rows, and the reference questions asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from ingestion.areas import is_known_elsewhere
from ingestion.blocks import blocks_of
from ingestion.cells import cells_of
from ingestion.choose import assign_sheets
from ingestion.collector import collector_paused
from ingestion.corrections import correct, entries_for
from ingestion.cut import cut
from ingestion.errors import FileFault
from ingestion.grid import Grid
from ingestion.headings import check_headings
from ingestion.layout import Table, find_table
from ingestion.layout_record import layout_record, table_record
from ingestion.legacy_text import LEGACY_ENCODINGS, decode_declared
from ingestion.questions import Asker, Lookup, lookups_unchanged
from ingestion.readers import csv_file, workbook_file
from ingestion.reference import Reference
from ingestion.settle_cells import Settled, settle_cells
from ingestion.shapes import REJECTED_SCHEMA, ROW_SCHEMA, table_of
from ingestion.source import Source
from ingestion.surroundings import period_of_table, unit_of_table
from ingestion.tables import table_layouts
from ingestion.text import printed
from ingestion.totals import checkable

__all__ = [
    "READER_VERSION",
    "Lookup",
    "ReadResult",
    "fingerprint",
    "grids_of",
    "load_id",
    "lookups_unchanged",
    "read_file",
]

# Part of every load's fingerprint: raised when reading changes what a file means, so that old files are read again.
READER_VERSION = "6"


@dataclass(frozen=True)
class ReadResult:
    """All rows of one file. `sheets` tells how many each sheet has, as counted on it: what became of them must add up.

    `layout` is what its tables were found to be, see layout_record. `totals` are the printed figures of regions and of
    the country that the file's provinces can be checked against; `not_corrected` says which entries of the register
    were not applied, since the file prints something else.
    """

    rows: pa.Table
    rejected: pa.Table
    lookups: list[Lookup]
    sheets: Mapping[str, int]
    totals: pa.Table
    not_corrected: tuple[str, ...] = ()
    layout: Sequence[Mapping[str, Any]] = ()

    @property
    def rows_read(self) -> int:
        """Rows of all sheets."""
        return sum(self.sheets.values())


@collector_paused()
def read_file(path: Path, file_name: str, source: Source, reference: Reference) -> ReadResult:
    """Read a landed file.

    Args:
        path: the file, whatever it is called now.
        file_name: the name the publisher gave it; a period may be in it.
        source: the declared source.
        reference: the reference tables.

    Raises FileFault when the file as a whole cannot be read.
    """
    asker = Asker(reference)
    parts: list[Settled] = []
    found: list[Mapping[str, Any]] = []
    sheets: dict[str, int] = {}
    for grid, part, number in grids_of(path, file_name, source):
        whole = _decoded(find_table(grid, part.layout, lambda text: asker.ask("label", text)), part.layout)
        blocks = list(blocks_of(whole, part.layout))
        # Where a column says the block of each row, one block comes after another with nothing between them.
        _check_headings([whole] if "block_column" in part.layout else blocks, part.layout, asker)
        for table in blocks:
            parts.append(_read_table(table, file_name, part, asker, sum(sheets.values()) + 1))
            sheets[grid.sheet] = sheets.get(grid.sheet, 0) + parts[-1].rows_read
        found.append(table_record(whole, part, number, reference))
    accepted = pa.concat_tables([ROW_SCHEMA.empty_table(), *(part.rows for part in parts)])
    kept, dropped, not_corrected = _corrected(accepted, source, asker)
    left_out = [row for part in parts for row in part.wholes]
    totals = checkable(left_out, kept, asker)  # before the lookups are told: it asks some more
    rejected = [record for part in parts for record in part.rejected]
    return ReadResult(
        rows=kept,
        rejected=table_of([*rejected, *dropped], REJECTED_SCHEMA),
        lookups=asker.lookups(),
        sheets=sheets,
        totals=totals,
        not_corrected=tuple(not_corrected),
        layout=layout_record(found),
    )


def _corrected(accepted: pa.Table, source: Source, asker: Asker) -> tuple[pa.Table, list[dict[str, Any]], list[str]]:
    """The accepted rows as the register of known errors puts them right; see `corrections.correct`."""
    groups = accepted.group_by(["indicator_code", "period_id"]).aggregate([]).to_pylist()
    keys = sorted((row["indicator_code"], row["period_id"]) for row in groups)
    known = [key for key in keys if asker.ask("corrections", source.source_id, *key)]
    if not known:
        return accepted, [], []
    rows, dropped, not_corrected = correct(accepted.to_pylist(), entries_for(asker.reference, source.source_id, known))
    return table_of(rows, ROW_SCHEMA), dropped, not_corrected


def _check_headings(tables: Iterable[Table], layout: Mapping[str, Any], asker: Asker) -> None:
    for table in tables:
        check_headings(
            table,
            layout,
            lambda text: asker.ask("label", text) is not None,
            lambda scheme, text: is_known_elsewhere(asker.reference, scheme, text, ""),
        )


def _read_table(table: Table, file_name: str, source: Source, asker: Asker, row_no: int) -> Settled:
    """The rows of one table; their numbers go on from table to table."""
    period = period_of_table(table, file_name, source)
    unit = unit_of_table(table, source)
    found = settle_cells(cells_of(table, source, period, unit), table, source, asker, row_no)
    if not found.rows.num_rows and not found.rejected:
        raise _no_figures(table.grid.sheet, found.left_out)
    return found


def fingerprint(source: Source, lookups: Iterable[Sequence[Any]]) -> str:
    """What reading depended on beside the bytes: the source YAML, the reference answers, the version of the reader."""
    asked = [[kind, list(args), result] for kind, args, result in lookups]
    text = json.dumps([source.yaml_sha256, READER_VERSION, asked], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_id(source_id: str, sha256: str, fingerprint: str) -> str:
    """The identity of one file read one way: 16 hexadecimal digits."""
    return hashlib.sha256(f"{source_id}\n{sha256}\n{fingerprint}".encode()).hexdigest()[:16]


def grids_of(path: Path, file_name: str, source: Source) -> Iterator[tuple[Grid, Source, int]]:
    """Every table that is read, with the source as its layout for it (common fields and the table's own).

    With each comes the number of its table in the YAML, from 1.
    """
    layouts = table_layouts(source.layout)
    parts = [replace(source, layout=layout) for layout in layouts]
    if source.format == "csv":
        name = printed(PurePosixPath(file_name).stem)
        grid = csv_file.read_grid(path, name, source.encoding, source.delimiter)
        yield from ((table, parts[number], number + 1) for table, number in cut(grid, dict(enumerate(layouts))))
        return
    assigned: dict[str, list[int]] = {}

    def choose(names: Sequence[str], is_blank: Callable[[str], bool]) -> Sequence[str]:
        assigned.update(assign_sheets(layouts, source.layout.get("ignore_sheets", ()), names, is_blank))
        return list(assigned)

    encoding = source.encoding if source.encoding in LEGACY_ENCODINGS else ""
    for grid in workbook_file.read_grids(path, source.format, choose, encoding=encoding):
        here = {number: layouts[number] for number in assigned[grid.sheet]}
        yield from ((table, parts[number], number + 1) for table, number in cut(grid, here))


def _decoded(table: Table, layout: Mapping[str, Any]) -> Table:
    """The table with Unicode in the columns that the layout declares to be in another encoding. Raises FileFault."""
    grid = table.grid
    for each in layout.get("encoded_columns", ()):
        rows = range(table.first_row, table.end_row)
        grid = decode_declared(grid, each["encoding"], rows, table.column(each["column"]))
    return replace(table, grid=grid)


def _no_figures(sheet: str, left_out: int) -> FileFault:
    if left_out:
        return FileFault(
            "empty_file",
            f"Trang “{sheet}” chỉ có {left_out} dòng tổng, vùng hoặc nhóm (không lấy theo khai báo), không có dòng nào "
            "của tỉnh; đề nghị đơn vị cung cấp gửi lại, hoặc sửa totals, skip_rows của nguồn.",
            f"Sheet “{sheet}” holds nothing but {left_out} rows of totals, regions or groups, which are left out as "
            "declared, and no row of a province; ask the publisher to send it again, or change totals, skip_rows of "
            "the source YAML.",
        )
    return FileFault(
        "empty_file",
        f"Trang “{sheet}” không có ô số liệu nào; đề nghị đơn vị cung cấp gửi lại.",
        f"Sheet “{sheet}” holds no value at all; ask the publisher to send it again.",
    )
