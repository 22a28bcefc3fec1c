"""A small log of Hải Dương and Hải Phòng, which became one on 2025-07-01, and what their portal prints of it.

The log goes from April to 30 September 2025:

| dossier | filed in | procedure, level, channel, field | received | due | left | fee, paid online | digitised |
|---|---|---|---|---|---|---|---|
| h1 | Hải Phòng | 1.000001, 4, online, LV01 | 2/4 | 10/4 | 7/4: 5 days, early | 20 000, yes | yes |
| h2 | Hải Phòng | 1.000001, 4, counter, LV01 | 20/4 | 5/5 | 10/5: 20 days, late | | no |
| h3 | Hải Phòng | 1.000002, 3, online, LV02 | 5/5 | 13/5 | 13/5: 8 days, on the day | 50 000, no | yes |
| h4 | Hải Phòng | 1.000001, 4, online, LV01 | 10/6 | 1/7 | 31/7: 51 days, late | | yes |
| d1 | Hải Dương | 1.000001, 4, online, LV01 | 1/6 | 20/6 | 2/6: 1 day, early | 10 000, yes | yes |
| d2 | Hải Dương | 1.000003, 2, counter, no field | 15/6 | 10/7 | pending | | |
| d3 | Hải Dương | 1.000002, 3, post, LV02 | 3/4 | | 5/4: 2 days, no due day | | no |
| n1 | new Hải Phòng | 1.000001, 4, online, LV01 | 15/7 | 25/7 | 18/7: 3 days, early | 20 000, yes | yes |
| n2 | new Hải Phòng | 1.000002, 3, online, LV02 | 1/9 | 20/9 | 5/9: withdrawn | | |
"""

from collections.abc import Callable
from typing import Any

HAI_PHONG, HAI_DUONG, MERGED = "P63-31", "P63-30", "P34-31"
LOG, SHEET = "dvc_hp", "portal_hp"

Row = dict[str, Any]

# number, area, procedure, level, channel, field, received, due, left, state, fee, paid online, digitised
_DOSSIERS = [
    ("h1", HAI_PHONG, 1, "4", "2", "LV01", "04-02", "04-10", "04-07", "9", 20000, True, True),
    ("h2", HAI_PHONG, 1, "4", "1", "LV01", "04-20", "05-05", "05-10", "9", None, None, False),
    ("h3", HAI_PHONG, 2, "3", "2", "LV02", "05-05", "05-13", "05-13", "10", 50000, False, True),
    ("h4", HAI_PHONG, 1, "4", "2", "LV01", "06-10", "07-01", "07-31", "9", None, None, True),
    ("d1", HAI_DUONG, 1, "4", "2", "LV01", "06-01", "06-20", "06-02", "9", 10000, True, True),
    ("d2", HAI_DUONG, 3, "2", "1", None, "06-15", "07-10", None, "4", None, None, None),
    ("d3", HAI_DUONG, 2, "3", "3", "LV02", "04-03", None, "04-05", "9", None, None, False),
    ("n1", MERGED, 1, "4", "2", "LV01", "07-15", "07-25", "07-18", "9", 20000, True, True),
    ("n2", MERGED, 2, "3", "2", "LV02", "09-01", "09-20", "09-05", "7", None, None, None),
]  # fmt: skip

# area, indicator, period, basis, breakdown, printed, decimals, unit
PRINTED = [
    (MERGED, "dvc_received", "2025-Q3", "period", "total", 2, 0, "dossier"),
    (MERGED, "dvc_online_pct", "2025-Q2", "period", "total", "57.1", 1, "%"),  # 4 of 7 are 57.142…
    (HAI_PHONG, "dvc_ontime_pct", "2025-Q2", "period", "total", "66.6", 1, "%"),  # 66.666… cut, not rounded
    (HAI_PHONG, "dvc_received", "2025-Q2", "period", "channel:2", 3, 0, "dossier"),
    (HAI_PHONG, "dvc_received", "2025-Q2", "period", "level:4", 3, 0, "dossier"),
    (HAI_PHONG, "dvc_received", "2025-Q2", "period", "level:full", 4, 0, "dossier"),  # the log has three
    (HAI_PHONG, "dvc_received", "2025-06", "ytd", "total", 4, 0, "dossier"),
    (HAI_PHONG, "dvc_resolved", "2025-06", "cumulative", "total", 3, 0, "dossier"),
    ("P63-01", "dvc_received", "2025-06", "period", "total", 9, 0, "dossier"),
]


def log_rows(dossier_state: Callable[..., Row]) -> list[Row]:
    """The states of the log, one of each dossier; d2 is still looked at on the day the log ends."""
    rows = []
    for number, area, procedure, level, channel, field, received, due, left, state, fee, paid, digitised in _DOSSIERS:
        left_at = left and f"2025-{left} 15:00:00"
        rows.append(
            dossier_state(
                f"load_{LOG}", len(rows) + 1, number * 16, state, left_at or "2025-09-30 09:00:00",
                province_id=area, boundary_set=area[1:3], procedure_code=f"1.00000{procedure}", service_level=level,
                channel=channel, field_code=field, submitted_at=f"2025-{received} 08:00:00",
                received_at=f"2025-{received} 09:00:00", due_at=due and f"2025-{due} 17:00:00",
                finished_at=left_at if state in ("9", "10") else None, returned_at=left_at if state == "7" else None,
                fee_vnd=fee, paid_online=paid, digitised=digitised, dossier_month=f"2025-{received[:2]}",
            )
        )  # fmt: skip
    return rows


def sheet_rows(row: Callable[..., Row]) -> list[Row]:
    """What the portal prints."""
    return [
        row(f"load_{SHEET}", number, area, code, period_id, value, basis=basis, breakdown=breakdown, decimals=decimals,
            unit=unit, source_id=SHEET)
        for number, (area, code, period_id, basis, breakdown, value, decimals, unit) in enumerate(PRINTED, start=1)
    ]  # fmt: skip
