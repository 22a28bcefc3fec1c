"""The whole centre on every map: 600 indicators × the provinces of three sets × 120 months, built by dbt.

What is reported is of the oldest set (64 provinces, 120 months); the other two sets, the ratios, quarters, halves and
years are derived; then once more the months alone, 11.6 million. All figures are synthetic, drawn by a hash of their
key. As in a night, DuckDB gets 2 GB of memory unless SOTINH_MEMORY_LIMIT says otherwise.
"""

import csv
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingestion.seeds import merge_seeds, read_seed
from tests.bench.measure import Cost, cost, median, print_costs, print_ratios
from tests.conftest import PROJECT_DIR
from tests.dbt_project.fixture_inputs import load, write_tables

SEEDS = PROJECT_DIR / "dbt_project" / "seeds"
STOCKS, FLOWS, RATIOS, SCORES = 240, 240, 100, 20
FIRST_YEAR, YEARS = 1998, 10
ROUNDS = 3
DBT = """
import sys
from dbt.cli.main import dbtRunner
flags = ["--quiet", "--log-level-file", "none", "--log-path", sys.argv[1]]
folders = ["--project-dir", sys.argv[2], "--profiles-dir", sys.argv[2], "--target-path", sys.argv[1]]
outcome = dbtRunner().invoke([*flags, *sys.argv[3:], *folders])
failed = [f"{one.node.name}: {one.message}" for one in outcome.result or [] if one.status in ("error", "fail")]
assert outcome.success, outcome.exception or failed
results = list(outcome.result)
kinds = {}
for one in results:
    kinds.setdefault(one.node.resource_type.pluralize(), []).append(one.execution_time)
print(*(f"{sum(took):7.1f} s  {len(took)} {kind} without dbt's own start" for kind, took in kinds.items()), sep="\\n")
print(*(f"{one.execution_time:7.1f} s  {one.node.name}" for one in results if one.execution_time > 1), sep="\\n")
"""


def measure(folder: Path) -> None:
    """Print what `dbt run` and `dbt build` take on the large world, and how many rows the centre then has.

    Raises:
        AssertionError: 100 more rows in the catalogue change the SQL that dbt runs.
    """
    home = folder / "engine"
    home.mkdir()
    write_catalogue(home / "seeds")
    write_observations(home / "inputs.duckdb")
    os.environ |= {
        "SOTINH_WAREHOUSE": str(home / "warehouse.duckdb"),
        "SOTINH_INPUTS": str(home / "inputs.duckdb"),
        "SOTINH_SEEDS": os.path.relpath(home / "seeds", PROJECT_DIR / "dbt_project"),
    }
    dbt = (sys.executable, "-c", DBT, str(home / "dbt"), str(PROJECT_DIR / "dbt_project"))
    seeded, built = [], []
    for _ in range(ROUNDS):
        (home / "warehouse.duckdb").unlink(missing_ok=True)
        seeded.append(cost(*dbt, "seed"))
        built.append(cost(*dbt, "run", shown=True))
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as warehouse:
        counts = warehouse.sql(
            "select boundary_set, count(*), count(value) from fct_indicator_values group by all order by all"
        ).fetchall()
    assert_more_rows_change_no_sql(home, dbt)
    tested = cost(*dbt, "test", "--select", "test_type:data", shown=True)
    build = (*dbt, "build", "--exclude-resource-type", "unit_test")
    together = cost_into_new_file(home, build)
    (home / "months").mkdir()
    write_catalogue(home / "months" / "seeds", months_alone=True)
    os.environ["SOTINH_SEEDS"] = os.path.relpath(home / "months" / "seeds", PROJECT_DIR / "dbt_project")
    cost(*dbt, "seed")  # the project parsed with these seeds
    months = [cost_into_new_file(home, build) for _ in range(ROUNDS)]
    print("600 indicators × 161 provinces × 120 months")
    print_costs(
        [
            ("dbt seed, first with the project parsed", seeded),
            ("dbt run, each time into a new file", built),
            ("dbt test, data tests", [tested]),
            ("dbt build: seeds, models and data tests", [together]),
            ("dbt build, the months alone", months),
        ]
    )
    print_ratios(
        [
            ("seconds of dbt run", median(built).wall, median(built).cpu, "≤ 60"),
            ("seconds of dbt build", together.wall, together.cpu, "≤ 60"),
            ("seconds of dbt build, the months alone", median(months).wall, median(months).cpu, "≤ 60"),
        ]
    )
    for boundary_set, rows, values in counts:
        print(f"  {boundary_set}: {rows:,} rows, {values:,} with a value")


def cost_into_new_file(home: Path, build: Sequence[str]) -> Cost:
    """What a build takes when there is no database yet."""
    (home / "warehouse.duckdb").unlink(missing_ok=True)
    return cost(*build, shown=True)


def assert_more_rows_change_no_sql(home: Path, dbt: Sequence[str]) -> None:
    """Compile every model with the catalogue it was built with and with 100 indicators more, and compare."""
    before = _compiled(home, dbt)
    more = home / "more"
    more.mkdir()
    write_catalogue(more / "seeds", more_stocks=100)
    seeds = os.environ["SOTINH_SEEDS"]
    os.environ["SOTINH_SEEDS"] = os.path.relpath(more / "seeds", PROJECT_DIR / "dbt_project")
    cost(*dbt, "seed")
    after = _compiled(home, dbt)
    os.environ["SOTINH_SEEDS"] = seeds
    cost(*dbt, "seed")
    assert before and before == after, "100 rows of the catalogue change the SQL"
    print(f"100 more rows in the catalogue: the compiled SQL ({len(before)} files) is the same")


def _compiled(home: Path, dbt: Sequence[str]) -> dict[str, str]:
    """The SQL of every model and of the tests beside it, by its file."""
    folder = home / "dbt" / "compiled" / "sotinh" / "models"
    shutil.rmtree(folder)
    cost(*dbt, "compile", "--select", "resource_type:model")
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.sql")}


def write_catalogue(folder: Path, more_stocks: int = 0, months_alone: bool = False) -> None:
    """Our seeds with 600 more rows in the catalogue, and the parts of the ratios among them.

    Args:
        folder: where the seeds go.
        more_stocks: rows beyond the 600.
        months_alone: whether no rule over time makes quarters, halves and years of them.
    """
    own = folder.with_name("own_seeds")
    own.mkdir()
    kinds = [("stock", "sum", "last", STOCKS + more_stocks), ("flow", "sum", "sum", FLOWS)]
    kinds += [("ratio", "recompute", "recompute", RATIOS), ("score", "none", "none", SCORES)]
    rows, parts = [], []
    plain = dict.fromkeys(read_seed("indicators", [SEEDS])[0], "")
    for kind, area_rule, own_time_rule, count in kinds:
        time_rule = "none" if months_alone else own_time_rule
        for number in range(count):
            code = f"bench_{kind}_{number}"
            rows.append(
                plain
                | {"indicator_code": code, "name_vi": code, "name_en": code, "direction": "none", "kind": kind}
                | {"unit": "%" if kind == "ratio" else "person", "factor": "100" if kind == "ratio" else ""}
                | {"area_rule": area_rule, "time_rule": time_rule, "periodicity": "month", "definition_source": "bench"}
            )
            if kind == "ratio":
                parts.append((code, "numerator", f"bench_stock_{number}"))
                parts.append((code, "denominator", f"bench_stock_{number + RATIOS}"))
    _write(own / "indicators.csv", rows)
    plain = dict.fromkeys(read_seed("indicator_parts", [SEEDS])[0], "")
    names = ("indicator_code", "role", "part_code")
    _write(own / "indicator_parts.csv", [plain | dict(zip(names, part, strict=True)) for part in parts])
    merge_seeds([SEEDS, own], folder)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_observations(path: Path) -> None:
    """One load that reports every stock, flow and score of every province of the 64 for 120 months."""
    provinces = [row["province_id"] for row in read_seed("provinces", [SEEDS])]
    provinces = [one for one in provinces if one.startswith("P64-")]
    count = len(provinces) * 12 * YEARS * (STOCKS + FLOWS + SCORES)
    source = {
        "source_id": "bench", "publisher": "bench", "title": "bench", "shape": "indicators", "licence": "CC0",
        "frequency": "month", "rank": 50, "due_day": None, "boundary_set": "64", "legal_basis": None, "url": None,
        "description": None,
    }  # fmt: skip
    write_tables(path, {"loads": [load("load_bench", "bench", "indicators", 1, count)], "sources": [source]})
    with duckdb.connect(path) as connection:
        connection.execute(
            """
            insert into indicators by name
            with kinds(kind, basis, number_of) as (
                values ('stock', 'point', $stocks), ('flow', 'period', $flows), ('score', 'period', $scores)
            ),
            codes as (
                select 'bench_' || kind || '_' || number as indicator_code, basis
                from kinds, unnest(range(number_of)) as numbers(number)
            ),
            months as (
                select (year || '-' || lpad(month::text, 2, '0')) as period_id
                from range($first, $first + $years) as years(year), range(1, 13) as months(month)
            ),
            keys as (
                select *, row_number() over () as row_no
                from codes, unnest($provinces) as provinces(province_id), months
            )
            select
                row_no, 'observation' as kind, 'Sheet1' as sheet, 'D' || row_no as cell, province_id as place_text,
                indicator_code as label_text, period_id as period_text, province_id, 'province' as area_level,
                '64' as boundary_set, indicator_code, period_id, basis, 'total' as breakdown,
                1 + hash(indicator_code, province_id, period_id) % 1000000 as value, 0 as decimals, 'person' as unit,
                'A' as status, 'exact' as qualifier, 'load_bench' as load_id, 'bench' as source_id
            from keys
            """,
            {
                "stocks": STOCKS, "flows": FLOWS, "scores": SCORES,
                "first": FIRST_YEAR, "years": YEARS, "provinces": provinces,
            },
        )  # fmt: skip
