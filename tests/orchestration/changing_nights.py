"""Nights on each of which one thing happens that changes what users read, and what each release said of it."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from ingestion.generate import PROVINCIAL
from orchestration.dbt_build import parse, run_dbt
from orchestration.home import DBT_PROJECT, open_home
from orchestration.loading import load_source
from orchestration.rebuilding import Rebuild
from orchestration.releasing import freeze_inputs, publish_build
from tests.orchestration.as_of_history import VIET_NAM, all_of, article, declared, logs, sheet
from tests.orchestration.raw_logs import Sent, packed
from tests.orchestration.resent_logs import FINISHED, RECEIVED
from warehouse.landing import receive
from warehouse.releases import Published

# On the next day the operators' figures of September are overdue.
FIRST = datetime(2022, 10, 15, 1, 30, tzinfo=VIET_NAM)
PRINTED = """fact_no,province,indicator_vi,indicator_code,breakdown,value,value_upper,unit,period,basis,kind,qualifier,comparator,target_status,quote
1,Thanh Hóa,Hồ sơ tiếp nhận,dvc_received,total,90,,dossier,2022-07,period,observation,exact,,,
2,Thanh Hóa,Hồ sơ tiếp nhận,dvc_received,total,90,,dossier,2022-08,period,observation,exact,,,
3,Thanh Hóa,Hồ sơ tiếp nhận,dvc_received,total,180,,dossier,2022-08,ytd,observation,exact,,,
"""  # noqa: E501


@dataclass(frozen=True)
class Change:
    """A change of a published value, as `changes.parquet` has it."""

    table: str
    source: str
    place: str
    indicator: str
    period: str
    change: str
    before: str | None
    after: str | None
    cause: str
    causes: str


def corrected(home: Path) -> None:
    """The register says that Viettel printed the mobile subscriptions of Hà Nội in July twice as large as they were."""
    with duckdb.connect(home / "current" / "sotinh.duckdb", read_only=True) as connection:
        ((printed,),) = connection.execute(
            "select value_text from fct_observations where source_id = 'viettel' and province_id = 'P63-01' "
            "and indicator_code = 'tel_mobile_sub' and period_id = '2022-07' and breakdown = 'operator:viettel'"
        ).fetchall()
    entry = {
        "id": "hn_dem_hai_lan",
        "source_id": "viettel",
        "indicator_code": "tel_mobile_sub",
        "period_id": "2022-07",
        "breakdown": "operator:viettel",
        "area": "P63-01",
        "when_value": printed,
        "action": "override",
        "value": str(int(printed) // 2),
        "reason_vi": "Đếm hai lần.",
        "reason_en": "Counted twice.",
        "who": "Phòng Dữ liệu",
        "status": "open",
        "since": "2022-10-01",
    }
    (home / "corrections.yml").write_text(json.dumps([entry], ensure_ascii=False), encoding="utf-8")


def printed(home: Path) -> None:
    """A report of a fourth source prints what was received in Thanh Hóa, of whose portal we have the log."""
    article, own = "vinh_phuc_the_che_2022", "bao_cao_thanh_hoa"
    text = (DBT_PROJECT.parent / "ingestion" / "sources" / f"{article}.yml").read_text(encoding="utf-8")
    _write(home / "sources" / f"{own}.yml", text.replace(article, own))
    (home / "inbox" / own).mkdir(parents=True)
    _write(home / "inbox" / own / "bao_cao.csv", PRINTED)
    os.utime(home / "inbox" / own / "bao_cao.csv", (1_600_000_000, 1_600_000_000))


def mended(home: Path) -> None:
    """The province's log of August comes again: a dossier resolved then was not received in July but on 1 August."""
    logs(8)(home)
    (path,) = (home / "inbox" / PROVINCIAL).glob("*2022-08*")
    records = Sent(PROVINCIAL, path.name, path.read_bytes()).records
    crossing = [each for each in records if each[RECEIVED][3:5] == "07" and each[FINISHED][3:5] == "08"]
    for record in records:
        if record["MaHoSo"] == crossing[-1]["MaHoSo"]:
            record[RECEIVED] = "01/08/2022 00:30:00"
    path.write_bytes(packed(PROVINCIAL, records))
    os.utime(path, (1_600_000_000, 1_600_000_000))


def seed(name: str, key: str, old: str, new: str) -> Callable[[Path], None]:
    """One row of a seed, changed, that the home lays over ours."""
    header, *rows = (DBT_PROJECT / "seeds" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    (row,) = (each for each in rows if each.startswith(f"{key},"))
    assert old in row
    return lambda home: _write(home / "seeds" / f"{name}.csv", f"{header}\n{row.replace(old, new)}\n")


HALF = {f"{column}{row}": None for column in "BCDEFGHIJ" for row in range(14, 40)}  # too little: the file waits
BASE = all_of(
    *(sheet(operator, 7) for operator in ("mobifone", "viettel", "vnpt")),
    article("001", "vinh_phuc_the_che_2022"),
    logs(7),
    printed,
)
# Vĩnh Phúc (P63-26) is part of Phú Thọ of today (P34-25); in VNPT's sheet E12 is of P63-08, E14 of P63-11. Lai Châu
# (P63-12) is made to end before September 2022.
ALONE = {
    "new_period": all_of(sheet("viettel", 8), logs(8), sheet("mobifone", 8, **HALF)),
    "source_revision": all_of(sheet("vnpt", 7, E12=123_456), mended),
    "registered_correction": corrected,
    "boundary_rebasing": all_of(
        seed("province_succession", "P63-26,P34-25", "merged,1,", "ceded_part,,"),
        seed("provinces", "P63-12", ",2025-06-30,", ",2022-08-31,"),
    ),
    "formula_or_catalogue_change": all_of(
        seed("indicators", "tel_smart_share", ",ratio,100,", ",ratio,1000,"),
        seed("indicator_editions", "dti_score,922/QĐ-BTTTT", "Quyết định 922", "Quyết định số 922"),
        seed("service_levels", "3", "Partial online service", "Partial service"),
        declared("mobifone", "due_day: 15", "due_day: 25"),
    ),
    "deletion_at_source": sheet("vnpt", 7, E12=123_456, E14=None),
}


def night(folder: Path, number: int, before: Callable[[Path], None]) -> Published:
    """Do what happens before a night, then receive, load, build and publish."""
    before(folder)
    home, moment = open_home(folder), FIRST + timedelta(days=number)
    receive(home.paths, home.ledger, home.settings, home.source_ids, moment, home.inboxes)
    for source in home.sources.values():
        load_source(home, source, moment, f"night-{number}", Rebuild())
    freeze_inputs(home, moment)
    home.paths.warehouse_db.unlink(missing_ok=True)
    parse.cache_clear()  # which is for one state of the seeds
    result, _ = run_dbt(home, parse(home), leave_out=("unit_test", "test"))
    failed = [(each.node.name, each.message) for each in result.result or () if each.status in ("error", "fail")]
    assert result.success, (failed, result.exception)
    return publish_build(home)


def live_through(folder: Path) -> list[Published]:
    """The first night and the six nights after it, in a new home."""
    open_home(folder)
    return [night(folder, number, act) for number, act in enumerate([BASE, *ALONE.values()])]


def changes_in(folder: Path) -> list[Change]:
    """What `changes.parquet` of a folder tells."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select table_name, source_id, province_id, indicator_code, period_id, change, value_before, value_after, "
            f"cause, causes from read_parquet('{folder / 'changes.parquet'}')"
        ).fetchall()
    return [Change(*row) for row in rows]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
