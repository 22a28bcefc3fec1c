import json
from copy import deepcopy

import pytest
import yaml
from jsonschema import Draft202012Validator

from ingestion.errors import ReferenceFault, SourceError
from ingestion.promises import exempt_provinces, expected_members, promises_of
from ingestion.reference import load_reference
from ingestion.seeds import SEED_KEYS, merge_seeds, read_seed
from ingestion.source import SCHEMA_PATH, load_source, load_sources
from ingestion.tables import measures_of, table_layouts
from tests.ingestion.conftest import SEEDS, SOURCES_DIR
from tests.ingestion.sheets import LONG, WIDE, column, read_long, source

SCHEMA = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def fields(schema: dict, path: str = "") -> list[tuple[str, dict]]:
    """Every documented field of the schema with its path."""
    found = []
    for name, field in schema.get("properties", {}).items():
        found.append((f"{path}.{name}".lstrip("."), field))
        found += fields(field, f"{path}.{name}")
    return found + (fields(schema["items"], path) if "items" in schema else [])


def test_every_shipped_source_is_valid_and_says_where_it_is_from():
    sources = load_sources([SOURCES_DIR])
    assert len(sources) >= 9
    assert set(sources) == {path.stem for path in SOURCES_DIR.glob("*.yml")}
    assert all(source.publisher and source.title and source.description for source in sources.values())


def test_every_shipped_source_names_indicators_and_members_the_catalogue_has(reference):
    for shipped in load_sources([SOURCES_DIR]).values():
        for layout, measure in measures_of(shipped.layout):
            assert measure["indicator_code"] in reference.indicators
            members = {**layout.get("constants", {}), **measure.get("breakdown", {})}
            assert set(members.items()) <= reference.members
        for layout in table_layouts(shipped.layout):
            assert all(place["scheme"] in reference.schemes for place in layout.get("places", ()))


@pytest.mark.parametrize(("path", "field"), fields(SCHEMA), ids=[path for path, _ in fields(SCHEMA)])
def test_every_field_of_a_source_has_its_meaning_a_good_and_a_bad_example(path, field):
    assert len(field["description"]) > 15 or path.endswith("value")
    check = Draft202012Validator(
        {key: value for key, value in field.items() if key not in ("examples", "x-bad-example")}
    )
    assert field["examples"]
    assert all(check.is_valid(example) for example in field["examples"])
    assert not check.is_valid(field["x-bad-example"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rank": "first"}, "rank"),
        ({"boundary_set": 63}, "boundary_set"),
        ({"number_locale": "auto"}, "number_locale"),
        ({"publischer": "x"}, "publischer"),
        ({"layout": {**WIDE["layout"], "measures": []}}, "layout.measures"),
        ({"layout": {**WIDE["layout"], "period": {"from": "cell"}}}, "layout.period"),
        ({"layout": {**WIDE["layout"], "period": {"from": "cell", "patterns": ["{years}"]}}}, "layout.period.patterns"),
        ({"layout": {**WIDE["layout"], "unit": {"from": "cell", "patterns": ["{unit} x"]}}}, "layout.unit.patterns"),
        ({"layout": {**WIDE["layout"], "ignore_columns": ["Di động"]}}, "declared twice"),
        ({"layout": {**WIDE["layout"], "columns": LONG["layout"]["columns"]}}, "either measures"),
        ({"layout": {key: value for key, value in WIDE["layout"].items() if key != "unit"}}, "layout.unit"),
        ({"source_id": "khac"}, "source_id"),
    ],
)
def test_a_mistake_in_a_source_is_named_with_file_and_field(tmp_path, change, said):
    path = tmp_path / "thu.yml"
    path.write_text(yaml.safe_dump({**deepcopy(dict(WIDE)), **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SourceError) as error:
        load_source(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)


def test_a_key_written_twice_is_a_mistake_not_the_last_one_wins(tmp_path):
    path = tmp_path / "thu.yml"
    path.write_text(yaml.safe_dump(dict(WIDE), allow_unicode=True) + "rank: 1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="rank"):
        load_source(path)


def test_a_source_of_the_home_replaces_ours_and_others_are_added(tmp_path):
    raw = yaml.safe_load((SOURCES_DIR / "vnpt.yml").read_text(encoding="utf-8"))
    (tmp_path / "vnpt.yml").write_text(yaml.safe_dump({**raw, "rank": 41}, allow_unicode=True), encoding="utf-8")
    source(tmp_path, WIDE)
    sources = load_sources([SOURCES_DIR, tmp_path])
    assert sources["vnpt"].rank == 41
    assert sources["viettel"].rank == 20
    assert "thu" in sources


def test_a_source_with_the_other_ending_is_not_passed_over_in_silence(tmp_path):
    (tmp_path / "itel.yaml").write_text("source_id: itel\n", encoding="utf-8")
    with pytest.raises(SourceError, match="itel.yaml"):
        load_sources([SOURCES_DIR, tmp_path])


def test_a_comment_in_a_source_changes_no_load(tmp_path):
    text = (SOURCES_DIR / "vnpt.yml").read_text(encoding="utf-8")
    (tmp_path / "vnpt.yml").write_text("# a comment\n" + text, encoding="utf-8")
    assert load_source(tmp_path / "vnpt.yml").yaml_sha256 == load_source(SOURCES_DIR / "vnpt.yml").yaml_sha256


def test_operators_promise_each_of_their_columns():
    rows = [row for source in load_sources([SOURCES_DIR]).values() for row in expected_members(source)]
    promised = {(row["source_id"], row["indicator_code"], row["breakdown"]) for row in rows}
    assert ("viettel", "tel_bts_station", "operator:viettel;technology:4g") in promised
    assert ("mobifone", "tel_mobile_sub", "contract:prepaid;operator:mobifone") in promised
    assert not any(source_id == "mobifone" and code == "tel_fixed_sub" for source_id, code, _ in promised)
    assert {row["source_id"] for row in rows} == {"viettel", "vnpt", "mobifone", "dvc_tinh_mo_phong"}


VNPT_IN_TWO_PROVINCES = {
    "coverage": ["P63-26", "P63-01"],
    "exempt": [{"provinces": ["P63-26"], "indicator_code": "tel_fixed_sub", "to": "2022-12",
                "absence": "not_applicable", "reason": "không có mạng cố định"}],
}  # fmt: skip


def declared(tmp_path, change):
    raw = yaml.safe_load((SOURCES_DIR / "vnpt.yml").read_text(encoding="utf-8"))
    (tmp_path / "vnpt.yml").write_text(yaml.safe_dump({**raw, **change}, allow_unicode=True), encoding="utf-8")
    return load_sources([tmp_path])


def test_a_source_promises_the_provinces_it_lists_and_says_what_it_need_not_give(tmp_path, reference):
    promised = promises_of(declared(tmp_path, VNPT_IN_TWO_PROVINCES), reference.areas, reference.indicators)
    assert [row["province_id"] for row in promised["expected_areas"]] == ["P63-26", "P63-01"]
    assert promised["exempt_figures"] == [
        {"source_id": "vnpt", "province_id": "P63-26", "indicator_code": "tel_fixed_sub", "exempt_from": None,
         "exempt_to": "2022-12", "absence": "not_applicable", "reason": "không có mạng cố định"}
    ]  # fmt: skip
    whole = promises_of(load_sources([SOURCES_DIR]), reference.areas, reference.indicators)
    assert {"source_id": "vnpt", "province_id": None} in whole["expected_areas"]


def test_a_portal_promises_its_log_as_the_dossiers_received():
    portal = load_sources([SOURCES_DIR])["dvc_tinh_mo_phong"]
    assert list(expected_members(portal)) == [
        {"source_id": "dvc_tinh_mo_phong", "indicator_code": "dvc_received", "breakdown": "total",
         "expected_from": "2022-07", "expected_to": None}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "excused"),
    [
        ({}, ["P63-26 2022-07", "P63-26 2022-Q3", "P63-26 2023"]),
        ({"from": "2022-07", "to": "2022-09"}, ["P63-26 2022-07", "P63-26 2022-Q3"]),
        ({"to": "2022-08"}, ["P63-26 2022-07"]),
        ({"indicator_code": "tel_fixed_sub"}, []),  # of the others the province must tell
    ],
)
def test_a_province_is_excused_from_a_period_when_it_need_give_no_figure_of_it(tmp_path, entry, excused):
    every = {"provinces": ["P63-26"], "absence": "not_applicable", "reason": "không có mạng"}
    source = declared(tmp_path, {"exempt": [{**every, **entry}]})["vnpt"]
    assert exempt_provinces(source, ["2022-07", "2022-Q3", "2023"]) == excused


def test_a_province_excused_from_every_indicator_one_by_one_is_excused(tmp_path):
    source = load_sources([SOURCES_DIR])["vnpt"]
    codes = sorted({row["indicator_code"] for row in expected_members(source)})
    each = {"provinces": ["P63-26"], "absence": "confidential", "reason": "mật"}
    for left_out, excused in (([], ["P63-26 2022-07"]), (codes[:1], [])):
        exempt = [{**each, "indicator_code": code} for code in codes if code not in left_out]
        assert exempt_provinces(declared(tmp_path, {"exempt": exempt})["vnpt"], ["2022-07"]) == excused


def test_a_promise_for_a_province_that_does_not_exist_is_a_mistake_and_not_a_promise_of_nothing(tmp_path, reference):
    with pytest.raises(SourceError, match=r"vnpt\.yml: province_id: there is no P63-99"):
        promises_of(declared(tmp_path, {"coverage": ["P63-99"]}), reference.areas, reference.indicators)


def test_a_missing_seed_is_named(tmp_path):
    with pytest.raises(ReferenceFault, match="provinces.csv"):
        load_reference([tmp_path])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("unit_aliases.csv", b"label,unit,multiplier,source\na,b,c,d,e\n", "line 2: not as many fields"),
        ("unit_aliases.csv", b"label,unit,multiplier,source\na,person,1\n", "line 2: not as many fields"),
        ("unit_aliases.csv", b"label,unit,multiplier,source\n ,person,1,home\n", "line 2: the key is empty"),
        (
            "province_aliases.csv",
            b"alias,code_63,kind,source\nTKC,56,observed,home\nTKC,60,observed,home\n",
            "line 3: alias = TKC is there twice",
        ),
        ("units.csv", b"unit;dimension\nkg;mass\n", "columns must be unit"),
        ("unit_aliases.csv", "label,unit,multiplier,source\ntriệu,person,1,home\n".encode("utf-16"), "UTF-8"),
        ("unit_aliases.csv", b"label,unit,multiplier,source\na,person,ten,home\n", "'ten' where a number belongs"),
        ("unit_alias.csv", b"label,unit,multiplier,source\n", "unit_alias.csv; known: "),
        ("units.xlsx", b"PK", "units.xlsx; known: "),
    ],
)
def test_a_mistake_in_a_seed_of_the_home_is_named_and_never_passed_over(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReferenceFault, match=name) as caught:
        load_reference([SEEDS, tmp_path])
    assert said in str(caught.value)


def test_every_seed_table_can_be_laid_over_by_a_home(tmp_path):
    for name, key_columns in SEED_KEYS.items():
        row = dict.fromkeys(read_seed(name, [SEEDS])[0], "") | dict.fromkeys(key_columns, "của_tỉnh")
        (tmp_path / f"{name}.csv").write_text(
            f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8-sig"
        )  # as a spreadsheet program saves it
        assert read_seed(name, [SEEDS, tmp_path])[-1] == row
    merged = merge_seeds([SEEDS, tmp_path], tmp_path / "merged")
    assert {path.stem for path in merged.iterdir()} == set(SEED_KEYS) == {path.stem for path in SEEDS.glob("*.csv")}
    assert all("của_tỉnh" in path.read_text(encoding="utf-8") for path in merged.iterdir())


def test_dots_stand_for_not_collected_unless_the_source_declares_its_own_tokens(tmp_path, reference):
    lines = [f"Vĩnh Phúc,tel_bts_station,total,{text},station,2022,observation" for text in ("..", "...", "…", "-")]
    result = read_long(tmp_path, reference, *lines)
    assert column(result.rows, "value", "status", "value_text") == [
        (None, "L", ".."),
        (None, "L", "..."),
        (None, "L", "…"),
    ]
    assert column(result.rejected, "reason_code", "raw_value") == [("unreadable_number", "-")]
    declared = read_long(tmp_path, reference, *lines, layout={"missing_tokens": {"-": "M"}})
    assert column(declared.rows, "status", "value_text") == [("M", "-")]
    assert column(declared.rejected, "raw_value") == ["..", "...", "…"]
