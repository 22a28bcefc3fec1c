"""What the report on targets says after the session's build: by hand, and drawn targets judged in plain Python."""

from collections import Counter

import pytest

from tests.dbt_project import drawn_targets
from tests.dbt_project.conftest import Build
from tests.dbt_project.fixture_inputs import DRAWN_TARGETS

pytestmark = pytest.mark.slow


def rows(build: Build, sql: str) -> list[tuple]:
    return build.warehouse.execute(sql).fetchall()


def test_targets_are_told_apart_by_breakdown_and_judged_or_explained(build: Build):
    found = rows(
        build,
        """
        select province_id, period_id, breakdown, comparator, gap, is_met, reason_code from rpt_target_gaps
        where source_id not in ('plan_drawn', 'odd') order by all
        """,
    )
    assert found == [
        ("P63-26", "2022", "total", "top_n", 2, True, None),
        ("P63-26", "2025", "total", "top_n", None, None, "area_ended"),
        ("P63-86", "2025", "admin_level:district", "ge", None, None, "area_ended"),
        ("P63-86", "2025", "admin_level:province", "ge", None, None, "area_ended"),
        ("P63-86", "2030", "total", "range", None, None, "area_ended"),
        ("P63-86", "undated", "total", "ge", None, None, "no_period"),
        ("VN", "2022", "total", "ge", None, None, "no_actual"),
    ]


def test_drawn_targets_are_judged_as_plain_python_judges_them(build: Build):
    found = {
        key: dict(zip(("actual_period_id", "gap", "is_met", "reason_code"), said, strict=True))
        for *key_columns, period, gap, is_met, reason in rows(
            build,
            f"""
            select province_id, indicator_code, period_id, breakdown, comparator, target_status,
                actual_period_id, gap, is_met, reason_code
            from rpt_target_gaps where source_id = '{drawn_targets.SOURCE}'
            """,
        )
        for key, said in [(tuple(key_columns), (period, gap, is_met, reason))]
    }
    wanted = {case.key: drawn_targets.judge(case) for case in DRAWN_TARGETS}
    assert len(found) == len(wanted) == 7 * 63
    assert {key: (found[key], said) for key, said in wanted.items() if found[key] != said} == {}
    outcomes = Counter((key[4], said["is_met"]) for key, said in wanted.items())
    assert all(outcomes[comparator, met] for comparator in drawn_targets.COMPARATORS for met in (True, False, None))


def test_no_target_is_ever_a_figure(build: Build):
    assert rows(build, "select count(*) from fct_targets")[0][0] > 7 * 63
    assert rows(build, "select count(*) from fct_observations where indicator_code = 'soc_pilot_commune'") == [(0,)]
    said = rows(build, "select count(*) from fct_indicator_values where indicator_code = 'tel_bb_mobile_per100'"
                       " and province_id = 'VN'")  # fmt: skip
    assert said == [(0,)]
