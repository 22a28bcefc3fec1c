"""Figures on later boundary sets: many invented worlds in one build beside real areas, against plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.reference import load_reference
from tests.dbt_project.boundary_oracle import Key, Told, centre
from tests.dbt_project.boundary_worlds import as_world, draw, seed_rows
from tests.dbt_project.conftest import DBT_PROJECT, run_dbt
from tests.dbt_project.fixture_inputs import dossier_source, load, row, write_tables
from tests.ingestion.sheets import read_wide

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("boundaries")]

WORLDS = [draw(seed) for seed in range(120)]
WORLD = as_world(WORLDS)
RECYCLED_CODES = ("15", "24", "44", "52", "80", "82", "91")
INVARIANTS = (
    "assert_boundary_sums_are_those_of_their_predecessors",
    "assert_carried_values_lead_to_later_areas",
    "assert_each_kind_is_carried_by_its_own_rule",
    "assert_every_later_province_has_predecessors",
    "assert_no_value_is_missing_without_reason",
    "assert_partial_sums_are_not_totals",
)

# GSO, average population of 2016 in thousands, preliminary, but the row of Hòa Bình (831.3) is gone.
GSO_2016 = [("P63-25", "1381.7"), ("P63-26", "1066.0")]


# Declared for sets that were not in force then: area, indicator, period, value.
DECLARED = [
    ("P63-25", "tel_fixed_sub", "2025-08", 100),
    ("P63-26", "tel_fixed_sub", "2025-08", 90),
    ("P63-17", "tel_fixed_sub", "2025-08", 80),
    ("P63-11", "tel_fixed_sub", "2025-08", 30),
    ("P34-25", "tel_fixed_sub", "2025-08", 271),
    ("P63-25", "dti_institutions", "2024", "0.9000"),
    ("P63-26", "dti_institutions", "2024", "0.8000"),
    ("P63-17", "dti_institutions", "2024", "0.8000"),
    ("P63-25", "dti_institutions", "2023", "0.7"),
    ("P63-26", "dti_institutions", "2023", "0.7"),
    ("P63-17", "dti_institutions", "2023", "0.7"),
    ("P63-17", "dti_rank", "2024", 40),
]


def reported(number: int, source_id: str, key: Key, value: Decimal | None, **more: Any) -> dict[str, Any]:
    area, code, period = key
    return row(f"load_{source_id}", number, area, code, period, value, source_id=source_id, **more)


def world_rows() -> list[dict[str, Any]]:
    """What was reported in all worlds."""
    rows = []
    for number, (key, fact) in enumerate(WORLD.facts.items(), start=1):
        status = "L" if fact.value is None else "P" if fact.is_inexact else "A"
        rows.append(reported(number, "worlds", key, fact.value, status=status, unit="%"))
    return rows


def operator_rows(folder: Path) -> list[dict[str, Any]]:
    """Two files of one operator with official codes: 1000 + code subscribers in 12/2024, 5000 + code in 07/2025."""
    reference = load_reference([DBT_PROJECT / "seeds"])
    codes = {
        each: sorted(code for boundary_set, code in reference.gso_codes if boundary_set == each)
        for each in ("63", "34")
    }
    rows: list[dict[str, Any]] = []
    for month, base, boundary_set in (("12 năm 2024", 1000, "63"), ("7 năm 2025", 5000, "34")):
        sheet = [[f"Tháng {month}"], [None, None, None, "ĐVT: thuê bao"], ["TT", "Tỉnh/TP", "Di động", "Trạm 4G"]]
        sheet += [[None, code, base + int(code), 1] for code in codes[boundary_set]]
        layout = {"places": [{"column": "Tỉnh/TP", "scheme": "gso"}]}
        result = read_wide(folder, reference, sheet, layout=layout)
        assert result.rejected.num_rows == 0
        rows += [{**one, "load_id": "load_thu", "source_id": "thu"} for one in result.rows.to_pylist()]
    return rows


def lay_over(warehouse: Path, seeds: Mapping[str, list[dict[str, Any]]]) -> None:
    """Add rows to the seed tables, as a home's own seeds are laid over ours."""
    with duckdb.connect(warehouse) as connection:
        for table, rows in seeds.items():
            columns = ", ".join(rows[0])
            places = ", ".join("?" * len(rows[0]))
            connection.executemany(
                f"insert into seeds.{table} ({columns}) values ({places})", [list(one.values()) for one in rows]
            )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("boundaries")
    gso = [
        reported(number, "gso", (area, "ctx_pop_avg", "2016"), Decimal(thousands) * 1000, basis="period", status="P")
        for number, (area, thousands) in enumerate(GSO_2016, start=1)
    ]
    declared = [
        reported(number, "declared", (area, code, period), Decimal(value))
        for number, (area, code, period, value) in enumerate(DECLARED, start=1)
    ]
    subscribers = operator_rows(home)
    indicators = [*world_rows(), *gso, *declared]
    counts = Counter(one["load_id"] for one in [*subscribers, *indicators])
    write_tables(
        home / "inputs.duckdb",
        {
            "subscribers": subscribers,
            "indicators": indicators,
            "loads": [
                load(load_id, load_id.removeprefix("load_"), "indicators", number, counts[load_id])
                for number, load_id in enumerate(counts, start=1)
            ],
            "sources": [dossier_source(load_id.removeprefix("load_"), 50) for load_id in counts],
            "expected_members": [
                {"source_id": "thu", "indicator_code": "tel_mobile_sub", "breakdown": "operator:itel",
                 "expected_from": None, "expected_to": None}
            ],
        },
    )  # fmt: skip
    run_dbt(home, "seed")
    lay_over(home / "warehouse.duckdb", seed_rows(WORLDS))
    bridges = ("bridge_province_succession", "dim_indicators")
    chosen = ("--select", "+fct_indicator_values", "+rpt_rankings", *bridges, *INVARIANTS)
    only = ("--indirect-selection", "empty", "--exclude-resource-type", "seed", "unit_test")
    _, result = run_dbt(home, "build", *only, *chosen)
    assert {one.node.name for one in result.results} > {*INVARIANTS}
    failed = [f"{one.node.name}: {one.message}" for one in result.results if str(one.status) not in ("success", "pass")]
    assert failed == []
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        yield connection


def told(warehouse: duckdb.DuckDBPyConnection, where: str) -> dict[Key, Told]:
    found = warehouse.sql(f"""
        select province_id, indicator_code, period_id, value, method, reason_code, status, coverage_count,
            coverage_expected
        from fct_indicator_values where {where}
    """).fetchall()
    return {one[:3]: Told(*one[3:7], None if one[7] is None else one[7:]) for one in found}


@pytest.fixture(scope="module")
def of_worlds(warehouse: duckdb.DuckDBPyConnection) -> dict[Key, Told]:
    return told(warehouse, "province_id like 'W%'")


def test_every_value_of_every_world_is_the_one_counted_by_hand(of_worlds):
    wanted = centre(WORLD)
    differing = [key for key in sorted({*of_worlds, *wanted}) if of_worlds.get(key) != wanted.get(key)]
    assert [(key, of_worlds.get(key), wanted.get(key)) for key in differing[:5]] == []
    # and the worlds hold what may go wrong
    methods, reasons = Counter(one.method for one in wanted.values()), Counter(one.reason for one in wanted.values())
    assert min(methods[f"boundary_{each}"] for each in ("sum", "ratio", "mean", "weighted")) > 100
    assert min(
        reasons[each]
        for each in ("unknown_share", "incomplete_coverage", "missing_parts", "missing_weight", "not_transferable")
    ) > 20  # fmt: skip


@pytest.mark.parametrize("indicator", ["w_stock", "w_flow"])
def test_provinces_of_every_later_set_add_up_to_the_country_in_every_month(of_worlds, indicator):
    checked = 0
    for drawn in WORLDS:
        for period, first in drawn.whole_months.items():
            for number, areas in enumerate(drawn.sets):
                values = [of_worlds.get((area, indicator, period)) for area in areas]
                if number < first:
                    assert values == [None] * len(areas)  # new to old is refused: there is no row
                elif not drawn.has_cessions:
                    assert sum(one.value for one in values) == of_worlds[drawn.country, indicator, period].value
                    checked += 1
    assert checked > 150


def test_no_rank_is_derived_and_nothing_is_ranked_by_derived_scores(of_worlds, warehouse):
    ranks = {key: one for key, one in of_worlds.items() if key[1] in ("w_rank", "w_summed_rank")}
    assert {one.method for one in ranks.values()} == {"reported", "not_derivable"}
    assert {key for key, one in ranks.items() if one.method == "reported"} <= set(WORLD.facts)
    ranked = warehouse.sql("select method, province_id, period_id from rpt_rankings where province_id like 'W%'")
    stands_on = {"reported": "w_rank", "computed": "w_score"}
    ranked_on = {(area, stands_on[method], period) for method, area, period in ranked.fetchall()}
    assert {code for _, code, _ in ranked_on} == {"w_rank", "w_score"}
    assert {of_worlds[key].method for key in ranked_on} == {"reported"}


def test_a_ratio_is_never_a_mean_of_ratios(of_worlds):
    parents: dict[str, list[str]] = defaultdict(list)
    for drawn in WORLDS:
        for predecessor, successor, _, _ in drawn.changes:
            parents[successor].append(predecessor)
    differing = 0
    for (area, code, period), one in of_worlds.items():
        if one.method != "boundary_ratio":
            continue
        flow, stock = (of_worlds[area, part, period].value for part in ("w_flow", "w_stock"))
        assert abs(one.value - 100 * flow / stock) < Decimal("1e-9")
        ratios = [of_worlds.get((parent, code, period)) for parent in parents[area]]
        values = [ratio.value for ratio in ratios if ratio is not None and ratio.value is not None]
        differing += bool(values) and abs(sum(values) / len(values) - one.value) > Decimal("1e-6")
    assert differing > 50
    assert all(
        one.value is None or one.method == "reported" for key, one in of_worlds.items() if key[1] == "w_mean_ratio"
    )


def test_phu_tho_without_the_row_of_hoa_binh_is_two_of_three_and_no_total(warehouse):
    assert told(warehouse, "province_id = 'P34-25' and period_id = '2016'") == {
        ("P34-25", "ctx_pop_avg", "2016"): Told(None, "not_derivable", "incomplete_coverage", "O", (2, 3))
    }
    kept = warehouse.sql("""
        select partial_value from intermediate.int_value_candidates
        where province_id = 'P34-25' and indicator_code = 'ctx_pop_avg' and period_id = '2016'
    """).fetchall()
    assert kept == [((Decimal("1381.7") + Decimal("1066.0")) * 1000,)]


def test_recycled_codes_are_other_provinces_before_and_after_the_merger(warehouse):
    found = told(warehouse, "indicator_code = 'tel_mobile_sub' and province_id like 'P%'")
    for code in RECYCLED_CODES:
        december, july = (f"P63-{code}", "tel_mobile_sub", "2024-12"), (f"P34-{code}", "tel_mobile_sub", "2025-07")
        assert (found[december].value, found[december].method) == (1000 + int(code), "breakdown_sum")
        assert (found[july].value, found[july].method) == (5000 + int(code), "breakdown_sum")
    carried = {
        area: (one.value, one.method, one.coverage)
        for (area, _, period), one in found.items()
        if period == "2024-12" and area[:3] == "P34" and area[4:] in RECYCLED_CODES
    }
    # the former codes of who became, say, Lào Cai (15): Lào Cai (10) and Yên Bái (15)
    former = {
        "15": (10, 15),
        "24": (24, 27),
        "44": (44, 45),
        "52": (52, 64),
        "80": (72, 80),
        "82": (82, 87),
        "91": (89, 91),
    }
    assert carried == {f"P34-{code}": (2000 + sum(codes), "boundary_sum", (2, 2)) for code, codes in former.items()}


def test_no_figure_goes_back_to_an_earlier_set_and_december_adds_up_on_both(warehouse):
    found = warehouse.sql("""
        select period_id, boundary_set, count(*), sum(value) from fct_indicator_values
        where indicator_code = 'tel_mobile_sub' and area_level = 'province' and province_id like 'P%' group by all
    """).fetchall()
    december = {each: (count, total) for period, each, count, total in found if period == "2024-12"}
    assert set(december) == {"63", "34"}
    assert (december["63"][0], december["34"][0]) == (63, 34)
    assert december["63"][1] == december["34"][1]
    assert {each for period, each, *_ in found if period == "2025-07"} == {"34"}


def test_a_month_told_on_a_set_that_has_ended_is_carried_and_the_report_of_the_later_area_wins(warehouse):
    found = told(warehouse, "indicator_code = 'tel_fixed_sub' and province_id like 'P34%' and period_id = '2025-08'")
    assert found == {
        ("P34-11", "tel_fixed_sub", "2025-08"): Told(Decimal(30), "boundary_sum", None, "A", (1, 1)),  # unchanged
        ("P34-25", "tel_fixed_sub", "2025-08"): Told(Decimal(271), "reported", None, "A"),
    }
    beside = warehouse.sql("""
        select derivation, value, is_conflict from intermediate.int_value_candidates
        where province_id = 'P34-25' and indicator_code = 'tel_fixed_sub' and period_id = '2025-08'
        order by candidate_order
    """).fetchall()
    assert beside == [("reported", 271, False), ("boundary_sum", 270, True)]


def test_the_mean_of_main_indices_holds_for_dti_2024_alone_and_for_no_rank(warehouse):
    assert told(warehouse, "province_id = 'P34-25' and indicator_code like 'dti%'") == {
        ("P34-25", "dti_institutions", "2024"): Told(Decimal("0.8333333333"), "boundary_mean", None, "E", (3, 3)),
        ("P34-25", "dti_institutions", "2023"): Told(None, "not_derivable", "not_transferable", "O"),
        ("P34-25", "dti_rank", "2024"): Told(None, "not_derivable", "not_transferable", "O"),
    }
