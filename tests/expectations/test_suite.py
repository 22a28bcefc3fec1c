"""Suite files and how they are bound to a load. Nothing here needs Great Expectations."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from expectations.suite import SUITES_DIR, SuiteError, applies, bind_kwargs, bind_sql, load_suite, sql_literal
from expectations.verdict import TEXT_OF_FIELD
from ingestion.shapes import TRANSACTION_SCHEMA
from tests.expectations.sheet_rows import SCHEMA, facts

RULE: dict[str, Any] = {
    "name": "value_is_present",
    "why": "An empty value would be read as zero by somebody.",
    "severity": "critical",
    "on_fail": "reject_rows",
    "rule_vi": "Dòng phải có giá trị.",
    "rule_en": "A row has a value.",
    "reason_code": "missing_value",
    "field": "value",
    "expectation": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "value"},
    "tolerated_share": {"share": 0.1, "why": "One in ten was seen in the files of three years."},
}
DESCRIPTION = "A suite that is written for a test."


def write_suite(folder: Path, *rules: dict[str, Any], **top: Any) -> Path:
    (folder / "tried.yml").write_text(yaml.safe_dump({"description": DESCRIPTION, "rules": list(rules)} | top))
    return folder


def without(*fields: str) -> dict[str, Any]:
    return {name: value for name, value in RULE.items() if name not in fields}


def test_every_field_a_rule_may_name_leads_to_a_printed_column() -> None:
    schema = json.loads((SUITES_DIR.parent / "suite_schema.json").read_text(encoding="utf-8"))
    fields = schema["$defs"]["rule"]["properties"]["field"]["enum"]
    assert set(fields) - set(TRANSACTION_SCHEMA.names) == set(TEXT_OF_FIELD)
    assert set(TEXT_OF_FIELD.values()) <= set(SCHEMA.names)


def test_every_suite_file_fits_the_schema_and_there_are_some() -> None:
    schema = json.loads((SUITES_DIR.parent / "suite_schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    files = sorted(SUITES_DIR.rglob("*.yml"))
    assert {"subscribers.yml", "indicators.yml"} <= {file.name for file in files}
    for file in files:
        jsonschema.validate(yaml.safe_load(file.read_text(encoding="utf-8")), schema)


@pytest.mark.parametrize("shape", ["subscribers", "indicators", "transactions"])
def test_reason_codes_tell_the_rules_of_a_suite_apart(shape: str) -> None:
    codes = [rule.reason_code for rule in load_suite(shape).rules]
    assert len(codes) == len(set(codes))


def test_a_rule_takes_the_tolerance_of_its_suite_unless_it_states_its_own(tmp_path: Path) -> None:
    default = {"share": 0.3, "why": "Sheets of this kind are small and mixed."}
    own = RULE | {"name": "value_is_known"}
    suite = load_suite("tried", write_suite(tmp_path, without("tolerated_share"), own, tolerated_share=default))
    assert [rule.tolerated_share for rule in suite.rules] == [0.3, 0.1]


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ([without("why")], "'why' is a required property"),
        ([RULE | {"why": "Because."}], "too short"),
        ([RULE | {"severity": "warning"}], "critical"),
        ([RULE | {"on_fail": "quarantine_load"}], "should not be valid"),
        ([RULE | {"rule_en": "No full stop at the end"}], "does not match"),
        ([RULE | {"row_vi": "Chỉ có một thứ tiếng."}], "row_en"),
        ([RULE | {"expectation": "unexpected_rows_expectation"}], "unexpected_rows_query"),
        ([RULE | {"colour": "red"}], "colour"),
        ([RULE, RULE], "more than once"),
        ([without("tolerated_share")], "needs a tolerated_share"),
    ],
)
def test_a_wrong_suite_is_refused_with_its_place(tmp_path: Path, rules: list[dict[str, Any]], complaint: str) -> None:
    with pytest.raises(SuiteError, match=complaint) as refusal:
        load_suite("tried", write_suite(tmp_path, *rules))
    assert "tried.yml" in str(refusal.value)


def test_an_unknown_shape_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SuiteError, match="indicators, subscribers"):
        load_suite("dossiers")


def test_placeholders_become_values_literals_and_limits() -> None:
    load = facts(previous_row_count=700, expected_provinces=["P63-26"])
    kwargs = {
        "value_set": "$facts.known_indicator_codes",
        "min_value": {"share": "$facts.least_row_share", "of": "$facts.previous_row_count"},
        "unexpected_rows_query": "select $facts.received_on, $facts.expected_provinces from {batch}",
        "column": "value",
    }
    assert bind_kwargs(kwargs, load) == {
        "value_set": ["tel_bb_fixed_sub", "tel_hh_bb_fixed_pct"],
        "min_value": 560,
        "unexpected_rows_query": "select date '2022-10-05', cast(['P63-26'] as varchar[]) from {batch}",
        "column": "value",
    }


def test_a_text_with_quotes_stays_one_literal() -> None:
    assert sql_literal("P63'; drop table x; --") == "'P63''; drop table x; --'"


def test_an_unknown_fact_is_a_fault_of_the_suite() -> None:
    with pytest.raises(SuiteError, match="colour"):
        bind_sql("select $facts.colour", facts())


def test_today_is_the_day_in_ho_chi_minh_when_the_file_came() -> None:
    late = facts(received_at=datetime(2022, 9, 30, 17, 30, tzinfo=UTC))
    assert late.received_on.isoformat() == "2022-10-01"
    with pytest.raises(ValueError, match="time zone"):
        facts(received_at=datetime(2022, 9, 30))  # noqa: DTZ001


@pytest.mark.parametrize("empty", [None, 0])
def test_rules_on_the_previous_load_do_not_apply_without_one(empty: int | None) -> None:
    rule = next(rule for rule in load_suite("subscribers").rules if rule.name == "row_count_has_not_dropped")
    assert not applies(rule, facts(previous_row_count=empty))
    assert applies(rule, facts(previous_row_count=700))


def test_opening_the_door_does_not_import_great_expectations() -> None:
    code = "import sys, expectations.validate; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=SUITES_DIR.parents[1], check=False).returncode == 0
