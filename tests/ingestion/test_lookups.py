import json

from ingestion.read import fingerprint, load_id, lookups_unchanged
from ingestion.reference import load_reference
from tests.ingestion.conftest import SEEDS
from tests.ingestion.sheets import WIDE, read_wide, source


def overlaid(folder, table, *lines):
    folder.mkdir(exist_ok=True)
    (folder / f"{table}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return load_reference([SEEDS, folder])


def test_the_same_reference_answers_the_same_also_after_a_trip_through_json(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    assert lookups_unchanged(lookups, reference)
    stored = json.loads(json.dumps(lookups))
    assert lookups_unchanged(stored, reference)
    declared = source(tmp_path, WIDE)
    assert fingerprint(declared, stored) == fingerprint(declared, lookups)


def test_an_alias_that_concerns_the_file_changes_its_lookups(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    changed = overlaid(tmp_path / "seeds", "province_aliases", "alias,code_63,kind,source", "Huế,48,listed,test")
    assert not lookups_unchanged(lookups, changed)


def test_an_alias_that_concerns_no_cell_of_the_file_changes_nothing(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    changed = overlaid(tmp_path / "seeds", "province_aliases", "alias,code_63,kind,source", "Xứ Thanh,38,listed,test")
    assert lookups_unchanged(lookups, changed)


def test_an_unknown_name_that_becomes_known_changes_the_lookups(tmp_path, reference):
    rows = [
        ["Tháng 9 năm 2022"],
        [None, "ĐVT: thuê bao"],
        ["TT", "Tỉnh/TP", "Di động", "Trạm 4G"],
        [1, "Xứ Thanh", 1, 2],
    ]
    result = read_wide(tmp_path, reference, rows)
    assert result.rejected.num_rows == 2
    changed = overlaid(tmp_path / "seeds", "province_aliases", "alias,code_63,kind,source", "Xứ Thanh,38,listed,test")
    assert not lookups_unchanged(result.lookups, changed)
    assert read_wide(tmp_path, changed, rows).rows.num_rows == 2


def test_a_unit_a_bound_a_label_or_a_member_the_file_used_changes_the_lookups(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    for number, (table, *lines) in enumerate(
        [
            ("unit_aliases", "label,unit,multiplier,source", "thuê bao,subscription,1000,test"),
            ("indicator_bounds", "indicator_code,min_value,max_value,why", "tel_mobile_sub,1,,test"),
            ("region_labels", "label,kind,region_vi,scheme,seen_in", "Huế,region,,,test"),
        ]
    ):
        assert not lookups_unchanged(lookups, overlaid(tmp_path / str(number), table, *lines))


def test_the_identity_of_a_load_follows_source_bytes_yaml_and_answers(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    base = fingerprint(source(tmp_path, WIDE), lookups)
    assert base != fingerprint(source(tmp_path, WIDE, rank=41), lookups)
    assert base != fingerprint(source(tmp_path, WIDE), lookups[1:])
    ids = {load_id("thu", "a" * 64, base), load_id("khac", "a" * 64, base), load_id("thu", "b" * 64, base)}
    assert len(ids) == 3
    assert all(len(each) == 16 for each in ids)


def test_questions_are_sorted_and_asked_once(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    keys = [(each.kind, [arg or "" for arg in each.args]) for each in lookups]
    assert keys == sorted(keys)
    assert len({(each.kind, each.args) for each in lookups}) == len(lookups)
