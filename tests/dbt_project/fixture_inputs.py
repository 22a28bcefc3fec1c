"""A small ledger export as dbt finds it: every figure of the build's tests is in sight here."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.dbt_project import drawn_targets, services_world
from tests.dbt_project.fixture_columns import TABLES
from tests.dbt_project.index_world import printed_facts

FIRST_NIGHT, SECOND_NIGHT = "2026-01-10 18:30:00", "2026-01-11 18:30:00"

# Ranks of DTI 2022 as published, by GSO code of the 63: Thanh Hóa and Yên Bái share place 15, so 16 is missing.
DTI_2022 = (
    "48 79 22 46 92 20 27 19 24 36 80 70 30 31 38+15 93 26 74 82 37 68 25 01 84 51 58 77 52 86 49 91 33 35 11 94"
    " 42 10 87 72 56 17 75 14 62 44 66 08 67 60 83 40 12 89 45 34 02 96 54 95 04 64 06"
)

# indicator, breakdown, value, unit, period: what the article of 2022 says of Vĩnh Phúc.
VINH_PHUC_2022_09 = [
    ("tel_bts_station", "total", 2900, "station", "exact"),
    ("tel_bts_station", "operator:viettel;technology:5g", 2, "station", "exact"),
    ("tel_mobile_sub", "total", 1200000, "subscription", "more_than"),
    ("tel_mobile_smart_sub", "total", 940000, "subscription", "exact"),
    ("tel_smart_per_pop", "total", 80, "%", "exact"),
    ("tel_bb_fixed_sub", "total", 225500, "subscription", "exact"),
    ("tel_bb_mobile_sub", "total", 800500, "subscription", "exact"),
    ("tel_hh_bb_fixed_pct", "total", "72.4", "%", "exact"),
    ("tel_cov_pct", "technology:4g", 100, "%", "exact"),
]


# One target per comparator in each of the provinces ranked first, with figures and wordings of any kind.
DTI_CODES = DTI_2022.replace("+", " ").split()
DRAWN_TARGETS = drawn_targets.draw(6, [f"P63-{code}" for code in DTI_CODES])


def dti_2022_ranks() -> list[tuple[str, int]]:
    """Province and rank of DTI 2022 in printed order, ties sharing the better place."""
    ranks: list[tuple[str, int]] = []
    for group in DTI_2022.split():
        place = len(ranks) + 1
        ranks += [(f"P63-{code}", place) for code in group.split("+")]
    return ranks


def row(
    load_id: str, row_no: int, province_id: str, indicator_code: str, period_id: str, value: Any, **more: Any
) -> dict[str, Any]:
    """One accepted row; what the article does not say takes the value most rows have."""
    source_id = more.pop("source_id")
    plain = {
        "row_no": row_no, "kind": "observation", "sheet": "Sheet1", "cell": f"D{row_no + 4}",
        "place_text": province_id, "label_text": indicator_code, "period_text": period_id,
        "value_text": None if value is None else str(value), "unit_text": None, "province_id": province_id,
        "area_level": "country" if province_id == "VN" else "province",
        "boundary_set": "all" if province_id == "VN" else province_id[1:3],
        "indicator_code": indicator_code, "period_id": period_id, "basis": "point", "breakdown": "total",
        "value": value, "value_upper": None, "decimals": 0, "unit": "subscription", "catalogue_unit": None,
        "min_value": None, "max_value": None, "status": "A", "qualifier": "exact", "comparator": None,
        "target_status": None, "base_period_id": None, "quote": None, "correction": None, "load_id": load_id,
        "source_id": source_id,
    }  # fmt: skip
    return {**plain, **more}


# What bounds should have kept out, as far as a DECIMAL(28,10) reaches: every night must survive it.
FAR = 9 * 10**17
EXTREME_VALUES = [
    # province, indicator, period, value
    ("P63-96", "tel_mobile_sub", "2022-08", 10**17),
    ("P63-96", "ctx_pop_avg", "2022", 1),
    ("P63-95", "tel_mobile_sub", "2022-08", -(10**17)),
    ("P63-95", "ctx_pop_avg", "2022", "0.0000000001"),
    ("P63-94", "tel_mobile_sub", "2022-08", FAR),
    ("P63-94", "ctx_pop_avg", "2022", 0),
    ("P63-93", "tel_mobile_sub", "2022-08", None),
    ("P63-93", "ctx_pop_avg", "2022", -FAR),
    ("P63-96", "dti_rank", "2019", 20230101001),
    ("P63-96", "dti_rank_change", "2019", -FAR),
    ("VN", "dti_ranked_unit", "2019", FAR),
    ("P63-96", "eco_digital_share", "2022", -FAR),
]


def subscriber_rows() -> list[dict[str, Any]]:
    """Three operators in two provinces for two months; one operator is late with Hà Nội's second month."""
    figures = [
        # province, period, viettel, vnpt (0 is a count), mobifone (None: not reported)
        ("P63-01", "2022-08", 5000000, 3000000, 2000000),
        ("P63-01", "2022-09", 5100000, 3100000, None),
        ("P63-26", "2022-08", 600000, 0, 400000),
    ]
    rows = []
    for province_id, period_id, *counts in figures:
        for operator, count in zip(("viettel", "vnpt", "mobifone"), counts, strict=True):
            if count is not None:
                number = sum(other["source_id"] == operator for other in rows) + 1
                rows.append(
                    row(f"load_{operator}", number, province_id, "tel_mobile_sub", period_id, count,
                        breakdown=f"operator:{operator}", source_id=operator)
                )  # fmt: skip
    for operator in ("viettel", "vnpt", "mobifone"):
        number = sum(other["source_id"] == operator for other in rows) + 1
        rows.append(
            row(f"load_{operator}", number, "P63-92", "tel_mobile_sub", "2022-08", FAR,
                breakdown=f"operator:{operator}", source_id=operator)
        )  # fmt: skip
    # VNPT's workbook of August was read twice: the second reading (load_vnpt_again) replaced the first.
    rows.append(row("load_vnpt_old", 1, "P63-01", "tel_mobile_sub", "2022-08", 2999999,
                    breakdown="operator:vnpt", source_id="vnpt"))  # fmt: skip
    return rows


def indicator_rows() -> list[dict[str, Any]]:
    """The article of 2022 on Vĩnh Phúc, DTI ranks, a population, and targets of three plans."""
    rows = [
        row("load_article_1", number, "P63-26", code, "2022-09", value, breakdown=breakdown, unit=unit,
            qualifier=qualifier, decimals=1 if code == "tel_hh_bb_fixed_pct" else 0, source_id="article_1")
        for number, (code, breakdown, value, unit, qualifier) in enumerate(VINH_PHUC_2022_09, start=1)
    ]  # fmt: skip
    ranks_2021 = [("P63-26", "dti_rank", 12), ("P63-26", "dti_rank_change", 43), ("VN", "dti_ranked_unit", 63)]
    for load_id, source_id, facts in (
        ("load_article_1", "article_1", ranks_2021),
        ("load_article_2", "article_2", ranks_2021[:2]),
    ):
        first = sum(other["load_id"] == load_id for other in rows) + 1
        rows += [
            row(load_id, number, province_id, code, "2021", value, basis="period",
                unit="province" if code == "dti_ranked_unit" else "rank", source_id=source_id)
            for number, (province_id, code, value) in enumerate(facts, start=first)
        ]  # fmt: skip
    rows += [
        row("load_dti", number, province_id, "dti_rank", "2022", rank, basis="period", unit="rank", source_id="dti")
        for number, (province_id, rank) in enumerate(dti_2022_ranks(), start=1)
    ]
    rows += [
        row("load_dti", number, source_id="dti", **fact)
        for number, fact in enumerate(printed_facts([province_id for province_id, _ in dti_2022_ranks()]), start=64)
    ]
    rows += [
        row("load_gso", 1, "P63-26", "ctx_pop_avg", "2020", 1171200, unit="person", basis="period", source_id="gso"),
        row("load_gso", 2, "P63-01", "ctx_pop_avg", "2022", 8435600, unit="person", basis="period", status="P",
            source_id="gso"),
        row("load_gso", 3, "P63-26", "ctx_pop_avg", "2021", None, unit="person", basis="period", status="L",
            source_id="gso"),
    ]  # fmt: skip
    # the households of the country are those of its 63 provinces: 1000, 2000 … 63 000
    households = [(f"P63-{code}", 1000 * number) for number, code in enumerate(sorted(DTI_CODES), start=1)]
    rows += [
        row("load_gso", number, province_id, "ctx_household", "2012", value, unit="household", source_id="gso")
        for number, (province_id, value) in enumerate([*households, ("VN", 2_016_000)], start=4)
    ]
    rows += [
        row("load_odd", number, province_id, code, period_id, value, status="A" if value is not None else "L",
            decimals=-25, basis="point" if code == "tel_mobile_sub" else "period", source_id="odd")
        for number, (province_id, code, period_id, value) in enumerate(EXTREME_VALUES, start=1)
    ]  # fmt: skip
    targets = [
        # source, area, indicator, period, breakdown, comparator, value, upper, status, unit
        ("article_2", "P63-26", "dti_rank", "2022", "total", "top_n", 20, None, "adopted", "rank"),
        ("article_2", "P63-26", "dti_rank", "2025", "total", "top_n", 15, None, "adopted", "rank"),
        ("plan_vn", "VN", "tel_bb_mobile_per100", "2022", "total", "ge", 85, None, "draft", "per 100 inhabitants"),
        ("plan_vl", "P63-86", "eco_digital_share", "2030", "total", "range", 15, 20, "adopted", "%"),
        ("plan_vl", "P63-86", "dgov_file_online_pct", "2025", "admin_level:province", "ge", 90, None, "adopted", "%"),
        ("plan_vl", "P63-86", "dgov_file_online_pct", "2025", "admin_level:district", "ge", 80, None, "adopted", "%"),
        ("plan_vl", "P63-86", "soc_pilot_commune", "undated", "total", "ge", 1, None, "adopted", "commune"),
        ("odd", "P63-96", "eco_digital_share", "2022", "total", "ge", FAR, None, "adopted", "subscription"),
    ]
    for source_id, province_id, code, period_id, breakdown, comparator, value, upper, status, unit in targets:
        number = sum(other["load_id"] == f"load_{source_id}" for other in rows) + 1
        rows.append(
            row(f"load_{source_id}", number, province_id, code, period_id, value, kind="target", basis="period",
                breakdown=breakdown, comparator=comparator, value_upper=upper, target_status=status, unit=unit,
                source_id=source_id)
        )  # fmt: skip
    return rows + drawn_targets.rows_of(DRAWN_TARGETS, row) + services_world.sheet_rows(row)


def dossier_state(
    load_id: str, row_no: int, dossier_key: str, state: str, event_at: str, **more: Any
) -> dict[str, Any]:
    """One state of one dossier of Vĩnh Phúc; its partition is the month of the event unless it says otherwise."""
    plain = {
        "row_no": row_no, "cell": f"L{row_no + 1}", "dossier_key": dossier_key, "province_id": "P63-26",
        "boundary_set": "63", "procedure_code": "1.004194", "service_level": "4", "channel": "2", "state": state,
        "submitted_at": None, "received_at": None, "due_at": None, "finished_at": None, "returned_at": None,
        "event_at": event_at, "sequence": None, "fee_vnd": None, "paid_online": None, "digitised": None,
        "field_code": None, "load_id": load_id, "source_id": load_id.removeprefix("load_"),
        "dossier_month": event_at[:7],
    }  # fmt: skip
    return {**plain, **more}


def transaction_rows() -> list[dict[str, Any]]:
    """Four dossiers of September 2022 in the log of Vĩnh Phúc, which ends on 20 October; one of them abroad, too."""
    september = {"submitted_at": "2022-09-05 08:00:00", "received_at": "2022-09-06 09:30:00",
                 "due_at": "2022-09-20 17:00:00", "dossier_month": "2022-09"}  # fmt: skip
    return [
        dossier_state("load_dvc_vp", 1, "a" * 32, "9", "2022-09-16 10:00:00", **september,
                      finished_at="2022-09-16 10:00:00", fee_vnd=50000, paid_online=True),
        dossier_state("load_dvc_vp", 2, "b" * 32, "10", "2022-10-20 10:00:00", **september,
                      finished_at="2022-10-04 10:00:00", channel="1"),
        dossier_state("load_dvc_vp", 3, "c" * 32, "4", "2022-09-06 09:30:00", **september),
        dossier_state("load_dvc_vp", 4, "d" * 32, "3", "2022-09-09 09:00:00", submitted_at="2022-09-08 22:00:00",
                      returned_at="2022-09-09 09:00:00"),
        # the national portal closes early what it was sent: the province's own word counts
        dossier_state("load_dvc_vn", 1, "c" * 32, "9", "2022-09-30 09:00:00", **september,
                      finished_at="2022-09-30 09:00:00"),
        *services_world.log_rows(dossier_state),
    ]  # fmt: skip


def load(load_id: str, source_id: str, shape: str, accept_no: int | None, accepted: int, **more: Any) -> dict[str, Any]:
    """One load of the ledger's export; accepted on the first night unless it says otherwise."""
    plain = {
        "load_id": load_id, "source_id": source_id, "shape": shape, "file_name": f"{load_id}.xlsx",
        "file_sha256": f"{load_id}-sha", "file_bytes": 1000, "received_at": "2026-01-10 10:00:00",
        "verdict": "accepted", "reason_vi": None, "reason_en": None, "rows_read": accepted, "rows_accepted": accepted,
        "rows_rejected": 0, "rows_superseded": 0, "first_period_id": "2022", "last_period_id": "2022",
        "first_release_id": "r1", "known_from": FIRST_NIGHT, "superseded_by": None, "superseded_from": None,
        "accept_no": accept_no, "decision": None, "decided_by": None,
    }  # fmt: skip
    return {**plain, **more}


def ledger_rows(shape_rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Loads, checks, rejected rows, releases, sources and promises around the rows given."""
    sources = ["viettel", "vnpt", "mobifone", "article_1", "article_2", "dti", "gso", "plan_vn", "plan_vl", "odd"]
    sources += [drawn_targets.SOURCE, services_world.SHEET]
    logs = {"dvc_vp": 10, "dvc_vn": 20, services_world.LOG: 10}
    loads = []
    for accept_no, source_id in enumerate([*sources, *logs], start=2):
        shape = "subscribers" if source_id in {"viettel", "vnpt", "mobifone"} else "indicators"
        shape = "transactions" if source_id in logs else shape
        accepted = sum(other["load_id"] == f"load_{source_id}" for other in shape_rows[shape])
        loads.append(load(f"load_{source_id}", source_id, shape, accept_no, accepted))
    vnpt = next(one for one in loads if one["load_id"] == "load_vnpt")
    vnpt.update(file_sha256="vnpt-sha", accept_no=20, known_from=SECOND_NIGHT, first_release_id="r2")
    loads += [
        load("load_vnpt_old", "vnpt", "subscribers", 1, 1, file_sha256="vnpt-sha", verdict="superseded",
             superseded_by="load_vnpt", superseded_from=SECOND_NIGHT),
        load("load_bad", "viettel", "subscribers", None, 0, verdict="quarantined", rows_read=2, rows_rejected=2,
             reason_vi="Tỉnh không rõ", reason_en="unknown province", known_from=None, first_release_id=None),
        load("load_lost", "_unknown", "subscribers", None, 0, verdict="failed", known_from=None, first_release_id=None),
    ]  # fmt: skip
    return {
        "loads": loads,
        "load_sheets": [
            {"load_id": "load_bad", "sheet": "T9", "rows_read": 2, "rows_accepted": 0, "rows_rejected": 2,
             "rows_superseded": 0},
        ],
        "decisions": [
            {"decision_no": 9, "decided_at": "2026-01-11 09:00:00", "decision": "waive", "subject_type": "waiver",
             "subject_id": "viettel/known_area", "decided_by": "An", "reason": "Chờ công văn",
             "valid_until": "2026-02-28"},
        ],
        "checks": [
            {"subject_type": "load", "subject_id": "load_bad", "check_name": "known_area", "run_id": "n1",
             "rule_vi": "Tỉnh đã biết", "rule_en": "Known province", "severity": "critical", "on_fail": "reject_rows",
             "success": False, "errored": False, "observed": "2", "unexpected_count": 2, "element_count": 2,
             "checked_at": "2026-01-10 18:00:00", "waiver": None},
        ],
        "rejected_rows": [
            {"load_id": "load_bad", "source_id": "viettel", "row_no": number, "sheet": "T9", "cell": f"B{number}",
             "field": "place", "raw_value": "Xứ Đoài", "reason_code": "unknown_area",
             "reasons": '["unknown_area"]', "reason_vi": "Tỉnh không rõ", "reason_en": "unknown province"}
            for number in (1, 2)
        ],
        "releases": [
            {"release_id": "r1", "published_at": FIRST_NIGHT, "code_version": "0.1.0", "ledger_entry": 12,
             "previous_release_id": None, "content_hash": "abc", "row_counts": "{}"},
        ],
        "sources": [
            {"source_id": name, "publisher": name, "title": name, "shape": "indicators", "licence": "CC0",
             "frequency": "year", "rank": 10 if name in {"viettel", "vnpt", "mobifone"} else 50, "due_day": 10,
             "boundary_set": "by_period", "legal_basis": "", "url": " ", "description": None}
            for name in sources
        ]
        + [{**dossier_source(name, rank), "due_day": 15 if name == "dvc_vp" else None} for name, rank in logs.items()],
        "expected_members": [
            {"source_id": name, "indicator_code": "tel_mobile_sub", "breakdown": f"operator:{name}",
             "expected_from": "2022-01", "expected_to": None}
            for name in ("viettel", "vnpt", "mobifone")
        ]
        + [{"source_id": "dvc_vp", "indicator_code": "dvc_received", "breakdown": "total",
            "expected_from": "2022-08", "expected_to": "2022-10"}],
        "expected_areas": [
            {"source_id": "viettel", "province_id": None},
            {"source_id": "dvc_vp", "province_id": "P63-26"},
            {"source_id": "dvc_vp", "province_id": "P63-01"},
        ],
    }  # fmt: skip


def dossier_source(source_id: str, rank: int) -> dict[str, Any]:
    """One portal as the ledger's export declares it."""
    return {
        "source_id": source_id, "publisher": source_id, "title": source_id, "shape": "transactions", "licence": "CC0",
        "frequency": "day", "rank": rank, "due_day": None, "boundary_set": "by_period", "legal_basis": None,
        "url": None, "description": None,
    }  # fmt: skip


def partitions_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The months of dossiers that the rows are in; the hash is of what a file of the lake would hold."""
    months: dict[str, list[str]] = {}
    for one in rows:
        months.setdefault(one["dossier_month"], []).append(repr(sorted(one.items())))
    return [
        {"dossier_month": month, "files_hash": hashlib.sha256("".join(sorted(texts)).encode()).hexdigest()}
        for month, texts in sorted(months.items())
    ]


def write_inputs(path: Path) -> None:
    """Write the database that dbt attaches as `inputs`."""
    shape_rows = {"subscribers": subscriber_rows(), "indicators": indicator_rows(), "transactions": transaction_rows()}
    write_tables(path, {**shape_rows, **ledger_rows(shape_rows)})


def spans_of(loads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One span per load that counted: from its first release until another load superseded it."""
    return [
        {"load_id": one["load_id"], "known_from": one["known_from"], "known_to": one["superseded_from"]}
        for one in loads
        if one["verdict"] in ("accepted", "accepted_with_warnings", "superseded")
    ]


def write_tables(path: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Write every table of the inputs, those not given without rows.

    Months of dossiers follow from their rows, and so do the spans in which loads counted, where they are not given.
    """
    partitions = partitions_of(tables.get("transactions", []))
    tables = {"load_spans": spans_of(tables.get("loads", [])), **tables, "dossier_partitions": partitions}
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        for table, columns in TABLES.items():
            connection.execute(
                f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
            )
            rows = tables.get(table, [])
            assert all(set(one) == set(columns) for one in rows), table
            if rows:
                # as text, which the insert casts: a column may mix numbers and their spellings
                texts = {name: [None if one[name] is None else str(one[name]) for one in rows] for name in columns}
                schema = pa.schema([(name, pa.string()) for name in columns])
                connection.register("rows", pa.table(texts, schema=schema))
                connection.execute(f"insert into {table} by name select * from rows")
                connection.unregister("rows")
