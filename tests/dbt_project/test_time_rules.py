"""Rules over time against a brute-force count: random worlds, one a province, in one build."""

from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.seeds import read_seed
from tests.dbt_project.conftest import DBT_PROJECT, run_dbt
from tests.dbt_project.fixture_inputs import write_tables
from tests.dbt_project.time_oracle import expected_centre
from tests.dbt_project.time_worlds import FLOWS, STOCKS, some_facts, tables

pytestmark = pytest.mark.slow

SEEDS = [DBT_PROJECT / "seeds"]
INDICATORS = {row["indicator_code"]: row for row in read_seed("indicators", SEEDS)}
PROVINCES = [row["province_id"] for row in read_seed("provinces", SEEDS) if row["province_id"].startswith("P63")]
FACTS = some_facts(11, PROVINCES)
SHOWN = (
    "value", "method", "status", "reason_code", "coverage_of", "coverage_count", "coverage_expected",
    "denominator_period_id", "candidate_count", "has_conflict",
)  # fmt: skip
Centre = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """The centre as dbt builds it of these worlds, with all tests of its models; later areas are another test's."""
    home: Path = tmp_path_factory.mktemp("time")
    write_tables(home / "inputs.duckdb", tables(FACTS))
    options = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
    _, result = run_dbt(home, "build", *options, "--select", "+fct_indicator_values")
    assert [f"{one.node.name}: {one.message}" for one in result.results if str(one.status) in ("error", "fail")] == []
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        found = connection.execute(
            f"select province_id, indicator_code, period_id, {', '.join(SHOWN)}, edition, is_break"
            " from fct_indicator_values where boundary_set in ('63', 'all')"
        ).fetchall()
    return {row[:3]: dict(zip((*SHOWN, "edition", "is_break"), row[3:], strict=True)) for row in found}


@pytest.fixture(scope="module")
def expected() -> Centre:
    parts = defaultdict(list)
    for part in read_seed("indicator_parts", SEEDS):
        parts[part["indicator_code"]].append(part)
    return expected_centre(FACTS, INDICATORS, parts)


def test_the_worlds_have_every_way_to_mislead(expected: Centre):
    assert len(FACTS) > 10_000
    assert len(
        {(fact.province_id, fact.indicator_code, fact.period_id, fact.basis, fact.source_id) for fact in FACTS}
    ) == len(FACTS)
    reasons = Counter(one["reason_code"] for one in expected.values())
    assert min(
        reasons[reason]
        for reason in (
            "incomplete_coverage", "negative_difference", "contradictory_totals", "missing_denominator",
            "null_numerator", "null_denominator",
        )
    ) > 10  # fmt: skip
    ways = Counter((one["method"], one["coverage_of"]) for one in expected.values())
    assert min(ways["rollup", of] for of in ("month", "quarter", "half", "ytd", "cumulative")) > 30
    assert ways["ratio", None] > 1000
    assert sum(one["has_conflict"] for one in expected.values()) > 100
    assert len({one["denominator_period_id"] for one in expected.values()} - {None}) > 20


def test_every_value_of_the_centre_is_that_of_the_brute_force_count(centre: Centre, expected: Centre):
    def shown(one: dict[str, Any] | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {name: one[name] for name in SHOWN} | {"value": None if one["value"] is None else Fraction(one["value"])}

    differing = [key for key in sorted({*centre, *expected}) if shown(centre.get(key)) != shown(expected.get(key))]
    assert [(key, shown(centre.get(key)), shown(expected.get(key))) for key in differing[:3]] == []
    assert len(centre) == len(expected) > 10_000


def test_ranks_scores_and_medians_are_never_made_of_others(centre: Centre):
    made = {code for (_, code, _), one in centre.items() if one["method"] == "rollup"}
    assert made == {*STOCKS, *FLOWS, "dvc_to_process"}
    reported = {code for _, code, _ in centre} - made
    assert {"dti_rank", "dti_score", "pci_score", "dvc_days_median"} <= reported


def test_a_ratio_of_a_longer_period_is_that_of_its_parts_and_never_the_mean_of_shorter_ones(centre: Centre):
    ratios = [key for key, one in centre.items() if key[1] == "tel_smart_share" and one["method"] == "ratio"]
    years = [(province_id, year) for province_id, _, year in ratios if len(year) == 4]
    assert len(years) > 50
    unlike_means = 0
    for province_id, year in years:
        smart, mobile, share = (
            Fraction(centre[province_id, code, year]["value"])
            for code in ("tel_mobile_smart_sub", "tel_mobile_sub", "tel_smart_share")
        )
        assert abs(share - 100 * smart / mobile) <= Fraction(1, 2 * 10**10)
        halves = [centre.get((province_id, "tel_smart_share", f"{year}-H{half}"), {}).get("value") for half in (1, 2)]
        unlike_means += None not in halves and sum(map(Fraction, halves)) / 2 != share
    assert unlike_means > 10


def test_a_series_is_broken_where_its_edition_is_another_than_that_of_the_value_before(centre: Centre):
    editions = [
        (row["indicator_code"], int(row["first_year"]), int(row["last_year"] or 9999), row["edition"])
        for row in read_seed("indicator_editions", SEEDS)
    ]
    breaks = 0
    for code in ("dti_score", "pci_score", "ctx_pop_avg"):
        for province_id in PROVINCES:
            previous: list[str | None] = []
            for year in range(2015, 2025):
                one = centre.get((province_id, code, str(year)))
                if one is None:
                    continue
                names = [name for owner, first, last, name in editions if owner == code and first <= year <= last]
                assert one["edition"] == (names[0] if names else None)
                is_break = one["value"] is not None and bool(previous) and previous[-1] != one["edition"]
                assert one["is_break"] == is_break, (province_id, code, year)
                breaks += is_break
                previous += [one["edition"]] if one["value"] is not None else []
    assert breaks > 20
