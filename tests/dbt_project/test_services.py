"""Online public services told apart, over quarters and years, and beside what portals print: worked out by hand.

The log and the printed figures are those of `services_world`; a brute-force count over drawn logs is in test_dossiers.
"""

from typing import Any

import pytest

from tests.dbt_project.conftest import Build
from tests.dbt_project.services_world import HAI_DUONG, HAI_PHONG, MERGED

Q2, Q3 = "2025-Q2", "2025-Q3"


def values(build: Build, area: str, period_id: str, dimension: str = "total", member: str = "total") -> dict[str, Any]:
    """Indicator -> value, rounded to two digits."""
    rows = build.warehouse.execute(
        """
        select indicator_code, value from rpt_online_services
        where (province_id, period_id, dimension, member) = (?, ?, ?, ?)
        """,
        [area, period_id, dimension, member],
    ).fetchall()
    return {code: None if value is None else round(float(value), 2) for code, value in rows}


def test_a_quarter_is_what_its_dossiers_are_not_what_its_months_are(build: Build):
    assert values(build, HAI_PHONG, Q2) == {
        "dvc_received": 4,  # h1 h2 h3 h4
        "dvc_carried_over": 0,
        "dvc_to_process": 4,
        "dvc_resolved": 3,  # h1 h2 h3
        "dvc_resolved_early": 1,
        "dvc_resolved_ontime": 1,
        "dvc_resolved_late": 1,
        "dvc_pending": 1,  # h4, due in July
        "dvc_pending_late": 0,
        "dvc_returned": 0,
        "dvc_online": 3,  # h1 h3 h4
        "dvc_pay_txn": 1,
        "dvc_pay_amount": 20000,
        "dvc_fee": 2,  # h1 h3
        "dvc_fee_paid": 1,
        "dvc_digitised": 2,  # h1 h3 of three resolved
        "dvc_active": 2,  # two services, each in two months or one
        "dvc_days_median": 8,  # of 5, 8 and 20
        "dvc_days_p90": 20,
        "dvc_ontime_pct": 66.67,
        "dvc_late_pct": 25,  # h2 of the four to process
        "dvc_online_pct": 75,
        "dvc_pay_pct": 50,
        "dvc_digitised_pct": 66.67,
        "dvc_active_pct": None,  # nobody prints how many services there are
    }
    months = [values(build, HAI_PHONG, f"2025-{month:02}") for month in (4, 5, 6)]
    assert [month.get("dvc_days_median") for month in months] == [5, 14, None]  # their middle would be 9.5
    assert [month["dvc_active"] for month in months] == [1, 1, 1]
    assert [month["dvc_online_pct"] for month in months] == [50, 100, 100]  # their mean would be 83.33


def test_a_merged_province_counts_what_was_filed_with_its_predecessors(build: Build):
    spring = values(build, MERGED, Q2)  # before it was: h1 to h4, d1 to d3
    assert (spring["dvc_received"], spring["dvc_resolved"], spring["dvc_pending"]) == (7, 5, 2)
    assert spring["dvc_online_pct"] == 57.14  # 4 of 7; the mean of 75 and 33.33 would be 54.17
    assert spring["dvc_days_median"] == 5  # of 1, 2, 5, 8, 20
    assert spring["dvc_active"] == 2  # one of the two services was asked for in both provinces
    summer = values(build, MERGED, Q3)
    assert (summer["dvc_carried_over"], summer["dvc_received"], summer["dvc_to_process"]) == (2, 2, 4)
    assert (summer["dvc_resolved"], summer["dvc_returned"], summer["dvc_pending"]) == (2, 1, 1)
    assert summer["dvc_late_pct"] == 50  # h4 late, d2 pending and overdue, of four
    assert summer["dvc_days_median"] == 27  # of 3 and 51
    assert values(build, HAI_PHONG, Q3)["dvc_resolved_late"] == 1  # h4 stays where it was filed, too


@pytest.mark.parametrize(
    ("dimension", "received"),
    [
        ("channel", {"1": 1, "2": 3}),
        ("service_level", {"3": 1, "4": 3}),
        ("service_kind", {"partial": 1, "full": 3}),
        ("field", {"LV01": 3, "LV02": 1}),
    ],
)
def test_members_of_a_dimension_add_up_to_the_total(build: Build, dimension: str, received: dict[str, int]):
    assert {member: values(build, HAI_PHONG, Q2, dimension, member)["dvc_received"] for member in received} == received
    assert sum(received.values()) == values(build, HAI_PHONG, Q2)["dvc_received"]


def test_shares_of_a_member_are_of_its_own_parts(build: Build):
    first_field = values(build, HAI_PHONG, Q2, "field", "LV01")
    assert (first_field["dvc_online_pct"], first_field["dvc_ontime_pct"]) == (66.67, 50)  # h1 h4 of three; h1 of two
    assert first_field["dvc_days_median"] == 12.5
    unstated = values(build, HAI_DUONG, Q2, "field", "_unknown")
    assert (unstated["dvc_received"], unstated["dvc_online_pct"]) == (1, 0)


def test_what_is_only_nearly_so_and_what_is_missing_say_so(build: Build):
    rows = build.warehouse.execute(
        """
        select member, member_vi, is_approximate, note is not null from rpt_online_services
        where province_id = ? and period_id = ? and indicator_code = 'dvc_received' and dimension like 'service%'
        order by dimension, member
        """,
        [HAI_PHONG, Q2],
    ).fetchall()
    assert rows == [
        ("full", "Toàn trình", True, True),
        ("partial", "Một phần", True, True),
        ("3", "Một phần", False, False),
        ("4", "Toàn trình", False, False),
    ]
    reasons = build.warehouse.execute(
        """
        select indicator_code, period_id, reason_code, coverage_of, coverage_count, coverage_expected, partial_value
        from rpt_online_services
        where province_id = ? and dimension = 'total' and period_id in ('2025', '2025-05', '2025-Q3')
            and (indicator_code, period_id) in (
                ('dvc_received', '2025'), ('dvc_pending', '2025'), ('dvc_carried_over', '2025'),
                ('dvc_active_pct', '2025-Q3'), ('dvc_pay_pct', '2025-Q3'), ('dvc_ontime_pct', '2025-05')
            )
        order by all
        """,
        [HAI_DUONG],
    ).fetchall()
    assert [(*row[:3], row[3:6], row[6]) for row in reasons] == [
        ("dvc_active_pct", Q3, "missing_denominator", (None, None, None), None),
        ("dvc_carried_over", "2025", "incomplete_coverage", ("month", 0, 1), 0),
        ("dvc_ontime_pct", "2025-05", "zero_denominator", (None, None, None), None),
        ("dvc_pay_pct", Q3, "zero_denominator", (None, None, None), None),
        ("dvc_pending", "2025", "incomplete_coverage", ("month", 0, 1), 0),
        ("dvc_received", "2025", "incomplete_coverage", ("month", 6, 12), 3),
    ]  # fmt: skip


def test_a_portal_that_does_not_say_it_of_every_dossier_has_no_share(build: Build):
    rows = build.warehouse.execute("""
        select indicator_code, value, partial_value, reason_code from rpt_online_services
        where province_id = 'P63-26' and period_id = '2022-09' and dimension = 'total'
            and indicator_code in ('dvc_digitised', 'dvc_digitised_pct', 'dvc_fee_paid')
        order by all
    """).fetchall()  # the portal of Vĩnh Phúc has no column for it
    assert rows == [
        ("dvc_digitised", None, 0, "not_stated"), ("dvc_digitised_pct", None, None, "null_numerator"),
        ("dvc_fee_paid", 1, 1, None),
    ]  # fmt: skip


def test_printed_totals_are_reconciled_with_the_log(build: Build):
    rows = build.warehouse.execute(
        """
        select province_id, indicator_code, basis, breakdown, printed_value, counted_value, outcome, reason_code,
            is_approximate
        from rpt_dossier_reconciliation order by cell
        """
    ).fetchall()
    told = {
        (area, code, basis, breakdown): (float(printed), None if ours is None else round(float(ours), 2), *judged)
        for area, code, basis, breakdown, printed, ours, *judged in rows
    }
    assert told == {
        (MERGED, "dvc_received", "period", "total"): (2, 2, "agrees", None, False),
        (MERGED, "dvc_online_pct", "period", "total"): (57.1, 57.14, "agrees", None, False),
        (HAI_PHONG, "dvc_ontime_pct", "period", "total"): (66.6, 66.67, "agrees", None, False),
        (HAI_PHONG, "dvc_received", "period", "channel:2"): (3, 3, "agrees", None, False),
        (HAI_PHONG, "dvc_received", "period", "level:4"): (3, 3, "agrees", None, False),
        (HAI_PHONG, "dvc_received", "period", "level:full"): (4, 3, "differs", None, True),
        (HAI_PHONG, "dvc_received", "ytd", "total"): (4, None, "not_compared", "incomplete_coverage", False),
        (HAI_PHONG, "dvc_resolved", "cumulative", "total"): (3, None, "not_compared", "unknown_start", False),
        ("P63-01", "dvc_received", "period", "total"): (9, None, "not_compared", "not_counted", False),
    }
