"""A small home and a stand-in for the dbt build, for the tests of the store."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import export, landing, loads, releases
from warehouse.build_checks import BuildChecks
from warehouse.columns import PROMISE_COLUMNS, REJECTED_COLUMNS, SHAPE_COLUMNS, SOURCE_COLUMNS
from warehouse.ledger import Ledger, last_entry_no, open_ledger
from warehouse.load_records import Load
from warehouse.paths import HomePaths, ensure_home
from warehouse.rejection import Held
from warehouse.settings import Settings

NIGHT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
SETTINGS = Settings(settle_seconds=0, keep_releases=3, threads=1)
VIETTEL = {"source_id": "viettel", "publisher": "Viettel", "title": "Thuê bao", "rank": 1}
SOURCES = {"viettel": SimpleNamespace(**{**dict.fromkeys(SOURCE_COLUMNS), **VIETTEL})}
NO_PROMISES: dict[str, list[dict[str, Any]]] = {name: [] for name in PROMISE_COLUMNS}
PROMISES: dict[str, list[dict[str, Any]]] = {
    "expected_members": [
        {
            "source_id": "viettel",
            "indicator_code": "tel_mobile_sub",
            "breakdown": "operator:viettel",
            "expected_from": "2022-01",
            "expected_to": None,
        }
    ],
    "expected_areas": [{"source_id": "viettel", "province_id": None}],
    "exempt_figures": [],
}

_ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "VARCHAR": pa.string(),
    "DECIMAL(28,10)": pa.decimal128(28, 10),
}
OWNER = {"load_id", "source_id"}
ROW_SCHEMA = pa.schema([(n, _ARROW[t]) for n, t in SHAPE_COLUMNS["subscribers"].items() if n not in OWNER])
REJECTED_SCHEMA = pa.schema([(n, _ARROW[t]) for n, t in REJECTED_COLUMNS.items() if n not in OWNER])

# what dbt would build, as far as the store looks at it
AUDIT_MARTS = """
create table main.audit_loads as select * exclude (known_from, superseded_from, superseded_by, accept_no)
from inputs.main.loads;
create table main.audit_load_sheets as select * from inputs.main.load_sheets;
create table main.audit_rejections as
select load_id, sheet, reason_code, count(*) as rejected_count from inputs.main.rejected_rows group by all;
create table main.audit_decisions as select * from inputs.main.decisions;
create table main.audit_checks as select * from inputs.main.checks;
create table main.audit_rejected_rows as select * from inputs.main.rejected_rows;
create table main.audit_releases as select * from inputs.main.releases;
"""
MARTS = f"""
create schema staging;
create view staging.stg_subscribers as select * from inputs.main.subscribers;
create view main.a_view_with_paths as select * from inputs.main.subscribers;
create table main.fct_observations (
    province_id varchar not null, period_id varchar not null, value decimal(28, 10), load_id varchar not null,
    known_from timestamp, check (value >= 0)
);
comment on table main.fct_observations is 'One row per province''s cell.';
comment on column main.fct_observations.value is 'Value, as reported.';
insert into main.fct_observations
select province_id, period_id, value, load_id, known_from
from inputs.main.subscribers inner join inputs.main.loads using (load_id) where superseded_by is null;
{AUDIT_MARTS}
"""


@dataclass(frozen=True)
class Store:
    """One home, opened."""

    paths: HomePaths
    ledger: Ledger

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(self.paths.current / "sotinh.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()


def new_store(folder: Path) -> Store:
    paths = HomePaths(folder)
    ensure_home(paths)
    return Store(paths, open_ledger(paths.ledger_db))


def put(store: Store, place: str, content: bytes, mtime: float = 1_700_000_000.0) -> Path:
    import os

    path = store.paths.inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (mtime, mtime))
    return path


def receive(store: Store, night: int = 0) -> landing.ReceiveReport:
    return landing.receive(store.paths, store.ledger, SETTINGS, ["viettel", "vnpt"], at_night(night))


def at_night(night: int) -> datetime:
    return NIGHT + timedelta(days=night)


def rows(*values: tuple[int, str, str, str | None]) -> pa.Table:
    """(row_no, province_id, period_id, value) each; the other columns are alike."""
    alike = {"kind": "observation", "sheet": "S", "indicator_code": "tel_mobile_sub", "basis": "point", "status": "A"}
    records = [
        {
            **alike,
            "row_no": number,
            "cell": f"D{number}",
            "province_id": province,
            "place_text": province,
            "period_id": period,
            "value_text": value,
            "value": Decimal(value) if value is not None else None,
        }
        for number, province, period, value in values
    ]
    return pa.Table.from_pylist(records, schema=ROW_SCHEMA)


def unreadable(*numbers: int) -> pa.Table:
    alike = {"sheet": "S", "field": "value", "raw_value": "abc", "reason_code": "unreadable_number"}
    told = {"reasons": '["unreadable_number"]', "reason_vi": "Không phải số.", "reason_en": "Not a number."}
    records = [{"row_no": number, "cell": f"D{number}", **alike, **told} for number in numbers]
    return pa.Table.from_pylist(records, schema=REJECTED_SCHEMA)


def load_of(load_id: str, rows_read: int, sha256: str = "aa", fingerprint: str = "f1", night: int = 0) -> Load:
    return Load(
        load_id=load_id,
        source_id="viettel",
        shape="subscribers",
        file_name=f"{load_id}.xlsx",
        file_sha256=sha256,
        file_bytes=10,
        received_at=at_night(night),
        fingerprint=fingerprint,
        yaml_sha256="y",
        rows_read=rows_read,
        sheets={"S": rows_read},
    )


def check(name: str = "counts_not_negative", success: bool = True) -> dict:
    return {
        "check_name": name,
        "rule_vi": "Số đếm không âm",
        "rule_en": "Counts are not negative",
        "severity": "critical",
        "on_fail": "reject_rows",
        "success": success,
        "errored": False,
        "observed": "0",
        "unexpected_count": 0,
        "element_count": 3,
    }


def reject(row_no: int, *codes: str, field: str = "value", raw_value: str | None = "-5") -> Held:
    """What validation says of a row; by default that its count is negative."""
    reasons = codes or ("negative_count",)
    told = " ".join(f"Vi phạm {code}." for code in reasons), " ".join(f"Breaks {code}." for code in reasons)
    return Held(row_no, raw_value, *told, field=field, reason_code=reasons[0], reasons=reasons)


def accept(
    store: Store,
    load: Load,
    table: pa.Table,
    rejected: pa.Table | None = None,
    rejected_rows: list[Held] | None = None,
    verdict: str = "accepted",
) -> dict:
    loads.stage(store.paths, load, table, unreadable() if rejected is None else rejected)
    return loads.accept(
        store.paths,
        store.ledger,
        load,
        verdict=verdict,
        rejected_rows=rejected_rows or [],
        checks=[check()],
        at=load.received_at,
        run_id="run-1",
    )


def build(store: Store, night: int = 0) -> int:
    """Exports the ledger and builds the marts; returns the entry up to which it was exported."""
    up_to = last_entry_no(store.ledger)
    export.export_inputs(store.paths, store.ledger, up_to, SOURCES, PROMISES, at_night(night))
    store.paths.warehouse_db.unlink(missing_ok=True)
    with duckdb.connect(store.paths.warehouse_db, config={"threads": 1}) as connection:
        connection.execute(f"attach {export.quoted(str(store.paths.inputs_db))} as inputs (read_only)")
        connection.execute(MARTS)
    return up_to


def publish(
    store: Store, night: int = 0, code_version: str = "c1", checks: BuildChecks | None = None
) -> releases.Published:
    up_to = build(store, night)
    return releases.publish(
        store.paths,
        store.ledger,
        store.paths.warehouse_db,
        ledger_entry=up_to,
        code_version=code_version,
        published_at=at_night(night),
        settings=SETTINGS,
        rules=None,
        checks=checks,
    )
