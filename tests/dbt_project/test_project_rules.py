"""The rules of the dbt project that a machine can see without building it."""

import csv
import re
from pathlib import Path

import pytest
import yaml

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODEL_FILES = sorted((DBT_PROJECT / "models").rglob("*.sql"))
SQL_FILES = [*MODEL_FILES, *sorted((DBT_PROJECT / "tests").rglob("*.sql"))]
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


def test_every_descending_order_says_where_nulls_go():
    for file in MODEL_FILES:
        for order in re.findall(r"(\w+) desc\b(?! nulls last)", code_of(file)):
            assert order == "load_id", f"{file.name}: {order}"


def test_every_indicator_has_a_unit_and_every_printed_unit_leads_to_one():
    units = {row["unit"] for row in seed_rows("units")}
    assert {row["unit"] for row in seed_rows("indicators")} <= units
    assert {row["unit"] for row in seed_rows("unit_aliases")} <= units


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
