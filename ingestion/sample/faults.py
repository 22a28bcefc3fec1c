"""What is wrong in the faulty sample files, and what a night must do about each.

The same list writes the faults (`ingestion.sample.write`) and tells tests what to expect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingestion.sample.workbook import SHEET


@dataclass(frozen=True)
class Fault:
    """One fault of the sample inbox.

    Attributes:
        fault: What is wrong, in a few words.
        source_id: Source, that is the folder of the inbox.
        file_name: File in that folder.
        sheet: Sheet as the file names it; empty where the file has none that can be read.
        cell: Cell that is wrong (`C40`); empty for faults of a whole file.
        scope: What is lost: the `cell`, every figure of the `row`, or the whole `file`.
        outcome: What must happen: rows `rejected`, the load `quarantined` or `failed`, or the file only `reported`
            and left where it is.
        reason_code: The reason to be recorded.
        written: Values the fault puts into cells, by address; `cell` is one of them.
    """

    fault: str
    source_id: str
    file_name: str
    sheet: str
    cell: str
    scope: Literal["cell", "row", "file"]
    outcome: Literal["rejected", "quarantined", "failed", "reported"]
    reason_code: str
    written: Mapping[str, str | int] = field(default_factory=dict)


UNKNOWN_PROVINCE = Fault(
    fault="unknown province in place of Khánh Hòa",
    source_id="viettel",
    file_name="viettel_2022-10.xlsx",
    sheet=SHEET,
    cell="C43",
    scope="row",
    outcome="rejected",
    reason_code="unknown_area",
    written={"B43": "TKC", "C43": "Tỉnh Không Có"},
)
NEGATIVE_COUNT = Fault(
    fault="negative count of smartphone subscriptions in Tây Ninh",
    source_id="viettel",
    file_name="viettel_2022-10.xlsx",
    sheet=SHEET,
    cell="H52",
    scope="cell",
    outcome="rejected",
    reason_code="below_minimum",
    written={"H52": -1250},
)
TEXT_FOR_A_NUMBER = Fault(
    fault="text in a number column, mobile subscriptions of Tiền Giang",
    source_id="viettel",
    file_name="viettel_2022-10.xlsx",
    sheet=SHEET,
    cell="E58",
    scope="cell",
    outcome="rejected",
    reason_code="unreadable_number",
    written={"E58": "hơn 1 triệu"},
)
MISSING_SHEET = Fault(
    fault="the sheet Thuê bao is missing, the only sheet is Sheet1",
    source_id="vnpt",
    file_name="vnpt_2022-10.xlsx",
    sheet="Sheet1",
    cell="",
    scope="file",
    outcome="failed",
    reason_code="sheet_not_found",
)
TRUNCATED_FILE = Fault(
    fault="only the first half of the bytes arrived",
    source_id="mobifone",
    file_name="mobifone_2022-10.xlsx",
    sheet="",
    cell="",
    scope="file",
    outcome="failed",
    reason_code="unreadable_file",
)
FOLDER_WITHOUT_SOURCE = Fault(
    fault="a folder no source is declared for",
    source_id="nha_mang_la",
    file_name="x.xlsx",
    sheet=SHEET,
    cell="",
    scope="file",
    outcome="reported",
    reason_code="unknown_source",
)

FAULTS = (
    UNKNOWN_PROVINCE,
    NEGATIVE_COUNT,
    TEXT_FOR_A_NUMBER,
    MISSING_SHEET,
    TRUNCATED_FILE,
    FOLDER_WITHOUT_SOURCE,
)
