"""What can be wrong with a file, a source YAML or a reference table, as bilingual sentences."""

from __future__ import annotations

from dataclasses import dataclass


class FileFault(Exception):
    """The file as a whole cannot be read; nothing of it enters the warehouse.

    `reason_code` is one of: empty_file, unreadable_file, sheet_not_found, unexpected_sheet, header_not_found,
    column_not_found, unexpected_column, table_not_found, block_not_found, unexpected_block, data_after_end,
    period_not_found, unit_not_found, too_large.
    The two sentences say where, what was found and what to do next.
    """

    def __init__(self, reason_code: str, reason_vi: str, reason_en: str) -> None:
        """Keep the code and the sentence in both languages."""
        super().__init__(f"{reason_code}: {reason_en}")
        self.reason_code = reason_code
        self.reason_vi = reason_vi
        self.reason_en = reason_en


class SourceError(Exception):
    """A source YAML is wrong; the message names the file and the path of the field."""


class ReferenceFault(Exception):
    """A seed table is missing or malformed; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One reason why one shape row cannot be accepted: the field, what was printed there, and a sentence.

    `cell` is the field's own cell where it is another than that of the row's value.
    """

    reason_code: str
    field: str
    raw_value: str
    reason_vi: str
    reason_en: str
    cell: str = ""
