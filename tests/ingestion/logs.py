"""Small logs of dossiers and their source, written by the tests of reading them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingestion.questions import Lookup
from ingestion.read_log import LOG_LIMITS, LogLimits, read_log
from ingestion.reference import Reference
from tests.ingestion.sheets import WIDE, source

KEY = bytes(range(32))

LOG: Mapping[str, Any] = {
    **{key: WIDE[key] for key in ("source_id", "publisher", "title", "rank", "boundary_set", "number_locale")},
    "shape": "transactions",
    "format": "csv",
    "frequency": "day",
    "layout": {
        "places": [{"column": "TenTinh", "scheme": "name"}, {"column": "MaHoSo", "scheme": "egov_H"}],
        "date_formats": ["%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S", "iso"],
        "fields": {
            "dossier_id": "MaHoSo",
            "procedure_code": "MaTTHC",
            "channel": "KenhThucHien",
            "service_level": "MucDo",
            "state": "TrangThaiHoSo",
            "submitted_at": "NgayNopHoSo",
            "received_at": "NgayTiepNhan",
            "due_at": "NgayHenTra",
            "finished_at": "NgayKetThucXuLy",
            "returned_at": "NgayTra",
            "event_at": "ThoiDiem",
            "sequence": "Lan",
            "fee_vnd": "LePhi",
            "paid_online": "ThanhToan",
            "digitised": "HoSoCoThanhPhanSoHoa",
            "field_code": "MaLinhVuc",
        },
        "values": {
            "channel": {"Trực tuyến": "2", "": "1"},
            "paid_online": {"Đã thanh toán": "true"},
            "field_code": {"Đất đai": "DATDAI"},
        },
    },
}

# One state of one dossier; the person is invented, and found nowhere but in the file.
STATE: Mapping[str, str] = {
    "MaHoSo": "000.17.22.H56-210531-0001",
    "ChuHoSo": "Nguyễn Thị Ánh Tuyết",
    "SoDienThoai": "0912345678",
    "Email": "anhtuyet@example.com",
    "DinhDanhCHS": "038185001234",
    "MaTTHC": "1.004194.000.00.00.H56",
    "TenTinh": "Thanh Hóa",
    "KenhThucHien": "2",
    "MucDo": "4",
    "TrangThaiHoSo": "9",
    "NgayNopHoSo": "31/05/2021 08:30:00",
    "NgayTiepNhan": "31/05/2021 09:00:00",
    "NgayHenTra": "07/06/2021 17:00:00",
    "NgayKetThucXuLy": "04/06/2021 15:20:10",
    "NgayTra": "",
    "ThoiDiem": "04/06/2021 15:20:10",
    "Lan": "3",
    "LePhi": "1.500.000",
    "ThanhToan": "Đã thanh toán",
    "HoSoCoThanhPhanSoHoa": "1",
    "MaLinhVuc": "LV03",
    "GhiChu": "Đã gọi chị Tuyết 0912345678",
}
HEADER = ",".join(STATE)
PERSONAL = ("Nguyễn Thị Ánh Tuyết", "Ánh Tuyết", "Tuyết", "0912345678", "912345678", "anhtuyet", "038185001234")


def state(**changes: str) -> dict[str, str]:
    """The one state with other texts."""
    return {**STATE, **changes}


def line(**changes: str) -> str:
    """The one state as a line; texts with a comma, a quote or a line break must come quoted."""
    return ",".join(state(**changes).values())


@dataclass(frozen=True)
class Read:
    """What was read, as Python values."""

    rows: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    rows_read: int
    lookups: list[Lookup]

    @property
    def reasons(self) -> list[tuple[str, str, str]]:
        return [(row["cell"], row["field"], row["reason_code"]) for row in self.rejected]


def read(
    folder: Path,
    reference: Reference,
    content: bytes | str | Iterable[str],
    *,
    limits: LogLimits = LOG_LIMITS,
    name: str = "file",
    layout: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Read:
    """Read lines (with the header put before them), or a whole file as text or bytes."""
    if not isinstance(content, bytes | str):
        content = "\n".join([HEADER, *content, ""])
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_path(folder, reference, path, limits=limits, layout=layout, **changes)


def read_path(
    folder: Path, reference: Reference, path: Path, *, limits: LogLimits = LOG_LIMITS, **changes: Any
) -> Read:
    rows, rejected = folder / "rows.parquet", folder / "rejected.parquet"
    declared = source(folder, LOG, **changes)
    done = read_log(
        path, "log.csv.gz", declared, reference, key=KEY, rows_path=rows, rejected_path=rejected, limits=limits
    )
    found = Read(pq.read_table(rows).to_pylist(), pq.read_table(rejected).to_pylist(), done.rows_read, done.lookups)
    assert done.rows_read == len(found.rows) + len(found.rejected)
    numbers = [row["row_no"] for row in found.rows] + [row["row_no"] for row in found.rejected]
    assert sorted(numbers) == list(range(1, done.rows_read + 1))
    for table in (found.rows, found.rejected):
        assert [row["row_no"] for row in table] == sorted(row["row_no"] for row in table)
    return found


def leaks(*things: object, personal: Iterable[str] = PERSONAL) -> list[str]:
    """The personal texts that stand anywhere in the things."""
    text = json.dumps(things, ensure_ascii=False, default=str)
    return [each for each in personal if each in text]
