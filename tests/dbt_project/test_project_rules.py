"""The rules of the dbt project that a machine can see without building it."""

import csv
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from ingestion.log_layout import FIELDS, RECORD
from ingestion.text import fold_name

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODEL_FILES = sorted((DBT_PROJECT / "models").rglob("*.sql"))
SQL_FILES = [*MODEL_FILES, *sorted((DBT_PROJECT / "tests").rglob("*.sql"))]
MACRO_FILES = sorted((DBT_PROJECT / "macros").rglob("*.sql"))
YAML_FILES = [*sorted((DBT_PROJECT / "models").rglob("*.yml")), *sorted((DBT_PROJECT / "macros").rglob("*.yml"))]
FORBIDDEN = {
    "strip_accents": r"\bstrip_accents\b",
    "exclude": r"\bexclude\s*\(",
    "integer division": r"//",
    "avg": r"\bavg\s*\(",
    "doubles": r"\b(double|float|real)\b",
    "arg_max": r"\barg_(max|min)\b",
    "the clock": r"\b(current_date|current_timestamp|now\s*\(|today\s*\()",
    "quoted identifiers": r'"[a-z_]+"',
    "backslashes": r"\\",
    "varchar": r"\bvarchar\b",
}


def layer_of(file: Path) -> str:
    return file.relative_to(DBT_PROJECT / "models").parts[0]


def code_of(file: Path) -> str:
    """SQL without comments."""
    without_jinja = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"--.*", "", without_jinja)


def seed_rows(name: str) -> list[dict[str, str]]:
    with open(DBT_PROJECT / "seeds" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_model_has_a_twin_that_describes_one_row():
    assert len(MODEL_FILES) > 30
    for file in MODEL_FILES:
        model = yaml.safe_load(file.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        assert [entry["name"] for entry in model] == [file.stem]
        assert model[0]["description"].startswith("One row per "), file.stem


def test_only_staging_reads_sources_and_only_folders_configure():
    for file in MODEL_FILES:
        code = code_of(file)
        assert ("source(" in code) == (layer_of(file) == "staging"), file.name
        assert "config(" not in code, file.name


def test_no_layer_reads_from_a_later_one():
    for file in MODEL_FILES:
        references = set(re.findall(r"ref\('(\w+)'\)", code_of(file)))
        if layer_of(file) in {"staging", "intermediate"}:
            assert not {name for name in references if name.startswith(("fct_", "dim_", "rpt_", "audit_"))}, file.name
        if layer_of(file) == "staging":
            assert references == set(), file.name


@pytest.mark.parametrize("words", FORBIDDEN)
def test_sql_is_written_for_two_engines(words: str):
    offenders = [file.name for file in SQL_FILES if re.search(FORBIDDEN[words], code_of(file), re.IGNORECASE)]
    offenders = [name for name in offenders if not (words == "backslashes" and name == "primary_key.sql")]
    assert offenders == []


@pytest.mark.parametrize("words", ["varchar", "doubles"])
def test_types_in_yaml_are_those_of_two_engines(words: str):
    assert [file.name for file in YAML_FILES if re.search(FORBIDDEN[words], file.read_text(encoding="utf-8"))] == []


def window_orders(code: str) -> list[str]:
    """Every expression that a window function orders by, with its direction."""
    found = []
    for start in re.finditer(r"\border by\b", code):
        depth, expression = 0, ""
        for letter in code[start.end() :]:
            depth += {"(": 1, ")": -1}.get(letter, 0)
            if depth < 0 or (depth == 0 and letter == ","):
                found.append(expression)
                expression = ""
            if depth < 0:
                break
            expression += letter if depth or letter != "," else ""
    return [" ".join(re.split(r"\b(?:rows|range) between\b", each)[0].split()) for each in found]


def test_every_order_of_a_window_says_where_nulls_go():
    assert window_orders("over (order by f(a, b) desc, c nulls last rows between 1 following and 2 following)") == [
        "f(a, b) desc",
        "c nulls last",
    ]
    orders = [(file.name, order) for file in [*SQL_FILES, *MACRO_FILES] for order in window_orders(code_of(file))]
    assert len(orders) > 30
    assert [(name, order) for name, order in orders if not order.endswith("nulls last")] == []


def test_every_indicator_has_a_unit_and_every_printed_unit_leads_to_one():
    units = {row["unit"] for row in seed_rows("units")}
    assert {row["unit"] for row in seed_rows("indicators")} <= units
    assert {row["unit"] for row in seed_rows("unit_aliases")} <= units


def test_only_flows_are_added_over_time_and_ranks_have_no_rule():
    indicators = seed_rows("indicators")
    assert {row["kind"] for row in indicators if row["time_rule"] == "sum"} == {"flow"}
    assert {row["time_rule"] for row in indicators if row["kind"] == "rank"} == {"none"}
    assert {row["time_rule"] for row in indicators} <= {"last", "first", "sum", "recompute", "none"}


def test_what_is_recomputed_over_time_is_a_ratio_or_has_terms_with_rules_of_their_own():
    rules = {row["indicator_code"]: row["time_rule"] for row in seed_rows("indicators")}
    terms = defaultdict(list)
    for row in seed_rows("indicator_parts"):
        if row["role"] == "term":
            terms[row["indicator_code"]].append(rules[row["part_code"]])
    recomputed = {
        row["indicator_code"]: row["kind"] for row in seed_rows("indicators") if row["time_rule"] == "recompute"
    }
    assert {code for code, kind in recomputed.items() if kind != "ratio"} == set(terms) == {"dvc_to_process"}
    assert sorted(terms["dvc_to_process"]) == ["first", "sum"]


def test_only_denominators_may_be_older_and_for_some_years_only():
    ages = [(row["role"], int(row["max_age_years"])) for row in seed_rows("indicator_parts") if row["max_age_years"]]
    assert len(ages) > 5
    assert {role for role, _ in ages} == {"denominator"}
    assert all(0 <= age <= 10 for _, age in ages)


def test_no_two_areas_share_a_folded_name_or_a_code_of_one_scheme():
    owners = defaultdict(set)
    for row in seed_rows("province_aliases"):
        owners["name", fold_name(row["alias"])].add(row["code_63"])
    for row in seed_rows("provinces"):
        if row["area_level"] == "province" and row["boundary_set"] == "63":
            owners["name", fold_name(row["name_vi"])].add(row["gso_code"])
            owners["name", fold_name(row["name_en"])].add(row["gso_code"])
    for row in seed_rows("province_external_codes"):
        owners[row["scheme"], fold_name(row["code"])].add(row["code_63"])
    assert len(owners) > 500
    assert {key: codes for key, codes in owners.items() if len(codes) > 1} == {}


def test_versions_of_one_area_do_not_overlap():
    versions = sorted(
        (row["province_id"], row["valid_from"], row["valid_to"] or "9999-12-31")
        for row in seed_rows("province_versions")
    )
    assert all(first <= last for _, first, last in versions)
    overlaps = [(one, other) for one, other in pairwise(versions) if one[0] == other[0] and other[1] <= one[2]]
    assert overlaps == []


def test_provinces_sort_as_a_vietnamese_reader_expects():
    keys = {row["province_id"]: row["sort_vi"] for row in seed_rows("province_sort")}
    names = {
        row["name_vi"]: keys[row["province_id"]]
        for row in seed_rows("provinces")
        if row["boundary_set"] == "63" and row["area_level"] == "province"
    }
    expected = [
        *("Bình Dương", "Bình Định", "Bình Phước", "Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Đắk Nông"),
        *("Điện Biên", "Đồng Nai", "Gia Lai", "Hà Giang", "Hà Tĩnh", "Hải Dương", "Lạng Sơn", "Lào Cai", "Lâm Đồng"),
    ]
    assert sorted(expected, key=names.__getitem__) == expected
    assert len(names) == len(set(names.values())) == 63


def test_every_singular_test_says_what_it_holds_and_whose_check_it_is():
    listed = yaml.safe_load((DBT_PROJECT / "tests" / "_singular_tests.yml").read_text(encoding="utf-8"))["data_tests"]
    assert sorted(test["name"] for test in listed) == sorted(
        path.stem for path in (DBT_PROJECT / "tests").glob("*.sql")
    )
    assert all(test["description"] and test["config"]["meta"]["dagster"]["ref"]["name"] for test in listed)
    assert all(test["config"]["meta"]["rule_vi"] for test in listed)


def test_every_field_that_a_row_can_be_rejected_for_is_in_the_vocabulary_of_rejected_rows():
    (model,) = yaml.safe_load((DBT_PROJECT / "models" / "marts" / "audit_rejected_rows.yml").read_text("utf-8"))[
        "models"
    ]
    (known,) = [
        set(test["closed_vocabularies"]["arguments"]["columns"]["field"])
        for test in model["data_tests"]
        if "closed_vocabularies" in test
    ]
    suites = (DBT_PROJECT.parent / "expectations" / "suites").rglob("*.yml")
    of_rules = {field for file in suites for field in re.findall(r"^\s+field: (\w+)$", file.read_text("utf-8"), re.M)}
    assert len(of_rules) > 10
    assert {RECORD, *FIELDS, *of_rules} - known == set()
