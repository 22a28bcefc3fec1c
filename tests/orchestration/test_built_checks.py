"""The tests of a night's build as rows of `audit_checks`: every one of them, in words, with what it found."""

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.built_checks import rule_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def manifest(first_night: Path) -> dict:
    return json.loads((first_night / "build" / "dbt" / "parse" / "manifest.json").read_text(encoding="utf-8"))


def all_tests(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


def query(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(home / "current" / "sotinh.duckdb", read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_every_test_of_the_project_says_in_both_languages_what_holds_of_which_table(manifest):
    rules = [rule_of(test, manifest) for test in all_tests(manifest)]
    assert len(rules) > 200
    assert len({(rule["subject_id"], rule["check_name"]) for rule in rules}) == len(rules)
    assert all(rule["rule_vi"].endswith(".") and rule["rule_en"].endswith(".") for rule in rules)
    assert [rule for rule in rules if rule["rule_vi"] == rule["rule_en"]] == []


def test_a_test_that_stops_the_build_and_one_that_only_warns_are_told_apart(manifest):
    rules = {
        (rule["subject_id"], rule["check_name"]): rule for rule in (rule_of(t, manifest) for t in all_tests(manifest))
    }
    key = rules["dim_provinces", "primary_key(province_id)"]
    assert (key["severity"], key["on_fail"]) == ("critical", "stop_build")
    assert key["rule_en"] == "The columns are never null, and no two rows share them. Columns: province_id."
    agree = rules["int_value_candidates", "assert_reported_and_summed_values_agree"]
    assert (agree["severity"], agree["on_fail"]) == ("warning", "warn")
    assert agree["rule_vi"] == "Hai cách đi đến một giá trị khác nhau không quá mức làm tròn khi in."


def test_a_release_holds_every_test_of_its_build_the_one_not_met_and_the_passes(faulty_night, manifest):
    home, _ = faulty_night
    release_id = (home / "current").resolve().name
    found = query(home, "select subject_id, check_name from audit_checks where subject_type = 'model' order by all")
    rules = [rule_of(test, manifest) for test in all_tests(manifest)]
    assert found == sorted((rule["subject_id"], rule["check_name"]) for rule in rules)
    ((success, errored, severity, observed, count),) = query(
        home,
        "select success, errored, severity, observed, unexpected_count from audit_checks "
        "where subject_id = 'int_value_candidates' and check_name like 'assert_reported%'",
    )
    assert (success, errored, severity, observed) == (False, False, "warning", str(count)) and count > 0
    passed = "select count(*) from audit_checks where subject_type = 'model' and success and unexpected_count = 0"
    assert query(home, passed)[0][0] > 200
    gate = query(
        home,
        "select subject_id, check_name, success, observed from audit_checks where subject_type = 'release' order by 2",
    )
    ((rows_read,),) = query(home, "select sum(rows_read) from audit_loads")
    assert gate == [
        (release_id, "deletions_are_tolerated", True, "0"),
        (release_id, "every_change_is_explained", True, "0"),
        (release_id, "every_row_is_accounted_for", True, str(rows_read)),
        (release_id, "no_figure_leaps", True, "0"),
        (release_id, "revisions_are_tolerated", True, "0"),
        (release_id, "tables_keep_their_form", True, "0"),
    ]
    runs = "select count(distinct run_id), count(distinct checked_at) from audit_checks where subject_type <> 'load'"
    assert query(home, runs) == [(1, 1)]
