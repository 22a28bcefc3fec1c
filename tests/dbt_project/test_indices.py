"""Indices added from their parts, and how far ranks depend on choices: against plain Python on invented scores."""

from collections import defaultdict

import pytest

from tests.dbt_project.conftest import Build
from tests.dbt_project.fixture_inputs import dti_2022_ranks
from tests.dbt_project.index_world import (
    LACKS_A_PART,
    MISPRINTED,
    PERIOD,
    POINTS,
    PRELIMINARY,
    TIED,
    invented_people,
    invented_scores,
    merged,
    places,
    places_reached,
    rankings_by_choice,
)

pytestmark = pytest.mark.slow

PROVINCES = [province_id for province_id, _ in dti_2022_ranks()]
SCORES = invented_scores(PROVINCES)


def rows(build: Build, sql: str) -> list[tuple]:
    return build.warehouse.execute(sql).fetchall()


def test_only_the_misprinted_total_contradicts_its_parts(build: Build):
    conflicts = "select province_id, indicator_code, period_id from fct_indicator_values where has_conflict"
    assert rows(build, conflicts) == [(MISPRINTED, "dti_score", PERIOD)]
    checked = rows(
        build,
        f"""
        select count(*), count(value), count(*) filter (abs(difference) <= 0.0001)
        from intermediate.int_value_candidates
        where derivation = 'composite' and indicator_code = 'dti_score' and period_id = '{PERIOD}'
        """,
    )
    assert checked == [(63, 62, 61)]


def test_an_index_that_lacks_a_part_is_missing_and_says_so(build: Build):
    found = rows(
        build,
        f"""
        select value, method, reason_code from intermediate.int_value_candidates
        where derivation = 'composite' and province_id = '{LACKS_A_PART[0]}' and period_id = '{PERIOD}'
        """,
    )
    assert found == [(None, "not_derivable", "missing_part")]


def test_the_range_of_every_place_is_that_of_plain_python(build: Build):
    expected = {}
    by_choice = rankings_by_choice(SCORES)
    published = by_choice["missing_left_out"][0]
    by_choice["all"] = [ranking for rankings in by_choice.values() for ranking in rankings]
    for choice, rankings in by_choice.items():
        for province, reached in places_reached(rankings).items():
            rank = published[province]
            share = round(reached[rank] / len(rankings), 10)
            expected[province, choice] = (rank, min(reached), max(reached), len(rankings), share, None)
    found = rows(
        build,
        f"""
        select province_id, choice_code, rank, rank_low, rank_high, ranking_count, cast(share_at_rank as double),
            reason_code
        from rpt_rank_ranges
        where indicator_code = 'dti_score' and period_id = '{PERIOD}' and method = 'reported' and boundary_set = '63'
        """,
    )
    assert {(province, choice): tuple(figures) for province, choice, *figures in found} == expected
    assert len(expected) == 63 * 7
    # the choices tell something: some places move by weights, one each by a missing and by a preliminary score
    assert max(high - low for _, low, high, *_ in expected.values()) > 3
    assert expected[LACKS_A_PART[0], "missing_zero"][1] > published[LACKS_A_PART[0]]
    assert expected[PRELIMINARY[0], "without_preliminary"][1] != published[PRELIMINARY[0]]


def test_provinces_of_equal_scores_share_their_place_under_every_choice(build: Build):
    found = rows(
        build,
        f"""
        select choice_code, count(*), count(distinct (rank, rank_low, rank_high, share_at_rank)) from rpt_rank_ranges
        where province_id in {TIED} and period_id = '{PERIOD}' and method = 'reported' group by 1
        """,
    )
    assert [figures for _, *figures in found] == [[2, 1]] * 7


@pytest.mark.parametrize("method", ["reported", "computed"])
def test_ties_are_kept_in_printed_ranks_and_in_those_computed_from_totals(build: Build, method: str):
    found = rows(
        build,
        f"""
        select rank, list(province_id order by province_id) from rpt_rankings
        where indicator_code = 'dti_score' and period_id = '{PERIOD}' and method = '{method}' and boundary_set = '63'
        group by rank order by rank
        """,
    )
    assert sum(len(tied) for _, tied in found) == 63
    assert [rank for rank, _ in found] == [
        1 + sum(len(tied) for _, tied in found[:index]) for index in range(len(found))
    ]
    assert any(set(TIED) <= set(tied) for _, tied in found)


@pytest.mark.parametrize("choice", ["missing_left_out", "merged_by_population"])
def test_merged_provinces_are_placed_by_the_simple_mean_or_by_that_of_their_people(build: Build, choice: str):
    people = invented_people(PROVINCES) if choice == "merged_by_population" else dict.fromkeys(PROVINCES, 1)
    predecessors = defaultdict(list)
    for old, new in rows(
        build, "select predecessor_id, successor_id from bridge_province_succession where successor_id like 'P34-%'"
    ):
        predecessors[new].append(old)
    found = rows(
        build,
        f"""
        select province_id, rank from intermediate.int_ranks_by_choice
        where boundary_set = '34' and period_id = '{PERIOD}' and choice_code = '{choice}'
        """,
    )
    assert dict(found) == places(merged(SCORES, predecessors, people), POINTS)
    assert len(found) == 34


def test_where_parts_are_missing_there_is_a_reason_and_no_range(build: Build):
    found = rows(
        build,
        """
        select period_id, reason_code, count(*), count(rank_low), count(share_at_rank), sum(ranking_count)
        from rpt_rank_ranges where period_id in ('2021', '2022') group by 1, 2 order by 1
        """,
    )
    assert found == [("2021", "missing_parts", 7, 0, 0, 0), ("2022", "missing_parts", 63 * 7, 0, 0, 0)]
