"""The two invented portals' files as plain Python reads them: csv, json and gzip, nothing of ours.

A record is what a line holds, by the names the portal gives it. A state is that record as `dossier_oracle` counts it.
"""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

PROVINCIAL, NATIONAL = "dvc_tinh_mo_phong", "dvc_quoc_gia_mo_phong"
RANKS = {PROVINCIAL: 20, NATIONAL: 50}
EVENT_AT = {PROVINCIAL: "ThoiDiemCapNhat", NATIONAL: "ThoiDiemDongBo"}
TIME_FORM = {PROVINCIAL: "%d/%m/%Y %H:%M:%S", NATIONAL: "%Y%m%d%H%M%S"}
RESOLVED_STATES = ("9", "10")
# A dossier is of the province as it was on the day of filing: from July 2025 on there are 34.
SINCE_34 = date(2025, 7, 1)
PROVINCES = {
    "Thanh Hóa": ("P63-38", "P34-38"),
    "Nghệ An": ("P63-40", "P34-40"),
    "Quảng Ngãi": ("P63-51", "P34-51"),
    "Lào Cai": ("P63-10", "P34-15"),
}
PAID = {"Đã thanh toán": True, "1": True, "": None, None: None}

Record = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """One file as a publisher sends it."""

    source_id: str
    file_name: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def records(self) -> list[Record]:
        text = gzip.decompress(self.data).decode("utf-8")
        if self.source_id == NATIONAL:
            return [json.loads(line) for line in text.splitlines()]
        return list(csv.DictReader(io.StringIO(text, newline="")))


def packed(source_id: str, records: Sequence[Record], level: int = 3) -> bytes:
    """The records as a file of the portal; the same for the same records and level."""
    if source_id == NATIONAL:
        text = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
    else:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        text = out.getvalue()
    return gzip.compress(text.encode("utf-8"), level, mtime=0)


def moment(source_id: str, text: str | None) -> datetime | None:
    """The local time a portal prints, without a zone; None where there is none that can be read."""
    try:
        return datetime.strptime(text, TIME_FORM[source_id]) if text else None  # noqa: DTZ007
    except ValueError:
        return None


def printed(source_id: str, at: datetime | None) -> str | None:
    """A time as the portal prints it; the other way round of `moment`."""
    nothing = "" if source_id == PROVINCIAL else None
    return at.strftime(TIME_FORM[source_id]) if at else nothing


def counted_states(sent: Iterable[Sent]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The states that must count of these files, in the order of receipt, and the place of each load.

    Bytes that came before under any name are not read again; lines that cannot be true do not count.
    """
    accepted: dict[str, int] = {}
    states = []
    for file in sent:
        load_id = f"{file.source_id}/{file.sha256}"
        if load_id in accepted:
            continue
        accepted[load_id] = len(accepted) + 1
        for row_no, record in enumerate(file.records, start=1):
            state = {**state_of(file.source_id, record), "load_id": load_id, "row_no": row_no}
            if is_possible(state):
                states.append(state)
    return states, accepted


def state_of(source_id: str, record: Record) -> dict[str, Any]:
    """What a record says, in the columns `dossier_oracle` counts."""
    times = {
        name: moment(source_id, record[column])
        for name, column in {
            "submitted_at": "NgayNopHoSo", "received_at": "NgayTiepNhan", "due_at": "NgayHenTra",
            "finished_at": "NgayKetThucXuLy", "returned_at": "NgayTra", "event_at": EVENT_AT[source_id],
        }.items()
    }  # fmt: skip
    filed_at = times["submitted_at"] or times["received_at"] or times["event_at"]
    is_34 = filed_at is not None and filed_at.date() >= SINCE_34
    if source_id == PROVINCIAL:
        place, sequence, paid = "Thanh Hóa", int(record["LanCapNhat"]), record["ThanhToanTrucTuyen"]
        fee = int(record["LePhi"].replace(".", "")) if record["LePhi"] else None
    else:
        place, sequence, paid = record["TenTinh"], None, record["DuocThanhToanTrucTuyen"]
        fee = sum(item["Gia"] for item in record["DanhSachLePhi"])
    return {
        "source_id": source_id,
        "dossier_key": record["MaHoSo"].strip().upper(),
        "province_id": PROVINCES[place][is_34],
        "procedure_code": record["MaTTHC"][:8],
        "service_level": record["MucDo"] or "_unknown",
        "channel": record["KenhThucHien"] or "_unknown",
        "state": record["TrangThaiHoSo"],
        "sequence": sequence,
        "fee_vnd": fee,
        "paid_online": PAID.get(paid, False),
        "digitised": {"1": True, "0": False}.get(record["HoSoCoThanhPhanSoHoa"]),
        "field_code": record["MaLinhVuc"] or None,
        **times,
    }


def is_possible(state: dict[str, Any]) -> bool:
    """Whether the days of a state are in order, and the time of the state and of its result are told."""

    def in_order(first: str, then: str) -> bool:
        earlier, later = state[first], state[then]
        return earlier is None or later is None or earlier.date() <= later.date()

    return (
        state["event_at"] is not None
        and in_order("submitted_at", "received_at")
        and in_order("submitted_at", "finished_at")
        and in_order("received_at", "finished_at")
        and in_order("submitted_at", "returned_at")
        and in_order("submitted_at", "due_at")
        and not (state["state"] in RESOLVED_STATES and state["finished_at"] is None)
    )
