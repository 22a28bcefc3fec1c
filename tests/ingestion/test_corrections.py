"""Known errors of publishers: put right where the file still prints them, and nowhere else."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.corrections import SCHEMA_PATH, load_corrections, unused
from ingestion.errors import SourceError
from ingestion.questions import lookups_unchanged
from tests.ingestion.sheets import read_wide

OURS = Path(__file__).parents[2] / "ingestion" / "corrections.yml"
SOURCES = [path.stem for path in (OURS.parent / "sources").glob("*.yml")]

# The workbook of the tests prints 1000 mobile subscriptions for Hà Nội in C4, `1.778.489` for Huế in C5.
ENTRY = {
    "id": "slip",
    "source_id": "thu",
    "indicator_code": "tel_mobile_sub",
    "period_id": "2022-09",
    "breakdown": "operator:itel",
    "area": "P63-46",
    "when_value": "1.778.489",
    "action": "override",
    "value": "1778480.5",
    "reason_vi": "Cộng các huyện được số khác.",
    "reason_en": "The districts add up to another number.",
    "who": "Phòng Dữ liệu",
    "status": "open",
    "since": "2022-10-01",
}


def register(folder, reference, *entries, **changes):
    """The register of these entries (by default of one), each field given as None left out."""
    given = [{key: value for key, value in {**ENTRY, **changes, **each}.items() if value} for each in entries or [{}]]
    path = folder / "corrections.yml"
    path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    return replace(reference, corrections=load_corrections([path], reference, ["thu", "viettel"]))


def read(folder, reference, *entries, **changes):
    return read_wide(folder, register(folder, reference, *entries, **changes))


def rows(result, code="tel_mobile_sub"):
    shown = ("province_id", "value_text", "value", "decimals", "status")
    return [tuple(row[name] for name in shown) for row in result.rows.to_pylist() if row["indicator_code"] == code]


HANOI = ("P63-01", "1000", Decimal(1000), 0, "A")
HUE = ("P63-46", "1.778.489", Decimal(1778489), 0, "A")


def test_an_override_takes_the_place_of_the_figure_and_keeps_what_was_printed(tmp_path, reference):
    result = read(tmp_path, reference)
    assert rows(result) == [HANOI, ("P63-46", "1.778.489", Decimal("1778480.5"), 1, "A")]
    (note,) = [row["correction"] for row in result.rows.to_pylist() if row["correction"]]
    assert note.startswith("slip (override): Cộng các huyện")
    assert (result.rows_read, result.not_corrected) == (4, ())


def test_a_factor_moves_the_figure_and_its_printed_precision(tmp_path, reference):
    result = read(tmp_path, reference, action="scale", value=None, factor="0.1", area="Huế")
    assert rows(result) == [HANOI, ("P63-46", "1.778.489", Decimal("177848.9"), 1, "A")]


def test_a_flag_leaves_every_figure_of_the_column_and_marks_it_as_of_low_reliability(tmp_path, reference):
    result = read(tmp_path, reference, action="flag", value=None, area=None, when_area="Huế")
    assert rows(result) == [(*HANOI[:4], "U"), (*HUE[:4], "U")]
    assert rows(result, "tel_bts_station")[0][4] == "A"


def test_a_dropped_row_is_a_rejected_row_with_the_reason(tmp_path, reference):
    result = read(tmp_path, reference, action="drop", value=None)
    assert rows(result) == [HANOI]
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["row_no"], rejected["cell"], rejected["raw_value"]) == (3, "C5", "1.778.489")
    assert (rejected["reason_code"], rejected["reasons"]) == ("corrected_drop", '["corrected_drop"]')
    assert "Phòng Dữ liệu" in rejected["reason_vi"]
    assert "add up to another number" in rejected["reason_en"]
    assert result.rows.num_rows + result.rejected.num_rows == result.rows_read == 4


@pytest.mark.parametrize("action", ["drop", "override", "scale", "flag"])
def test_once_the_publisher_prints_something_else_nothing_is_changed_and_the_load_says_so(tmp_path, reference, action):
    more = {"value": ENTRY["value"] if action == "override" else None, "factor": action == "scale" and "10"}
    result = read(tmp_path, reference, action=action, when_value="1.778.498", **more)
    assert rows(result) == [HANOI, HUE]
    assert result.not_corrected == ("slip: “1.778.498” → C5: “1.778.489”",)


def test_an_entry_whose_cell_is_no_longer_there_is_told_too(tmp_path, reference):
    result = read(tmp_path, reference, cell="C6")
    assert rows(result) == [HANOI, HUE]
    assert result.not_corrected == ("slip: “1.778.489” → —",)


def test_a_figure_beyond_what_can_be_stored_exactly_is_left_alone_and_told(tmp_path, reference):
    result = read(tmp_path, reference, action="scale", value=None, factor="999999999999")
    assert rows(result) == [HANOI, HUE]
    assert "18 digits" in result.not_corrected[0]


def test_an_error_the_publisher_has_fixed_still_holds_for_the_old_file_and_is_no_news_in_a_new_one(tmp_path, reference):
    assert rows(read(tmp_path, reference, status="fixed_by_publisher"))[1][2] == Decimal("1778480.5")
    newer = read(tmp_path, reference, status="fixed_by_publisher", when_value="1.778.498")
    assert (rows(newer), newer.not_corrected) == ([HANOI, HUE], ())


def test_a_withdrawn_entry_is_never_applied(tmp_path, reference):
    result = read(tmp_path, reference, status="withdrawn")
    assert (rows(result), result.not_corrected) == ([HANOI, HUE], ())


def test_a_figure_is_corrected_once(tmp_path, reference):
    twice = [{"id": "a", "cell": "C5"}, {"id": "b", "action": "scale", "value": None, "factor": "10"}]
    result = read(tmp_path, reference, *twice)
    assert rows(result)[1][2] == Decimal("1778480.5")
    assert result.not_corrected == ("b: “1.778.489” → —",)


def test_a_changed_register_concerns_the_files_of_its_source_indicator_and_period_only(tmp_path, reference):
    lookups = read_wide(tmp_path, reference).lookups
    assert not lookups_unchanged(lookups, register(tmp_path, reference))
    for other in ({"source_id": "viettel"}, {"period_id": "2022-10"}, {"indicator_code": "tel_fixed_sub"}):
        assert lookups_unchanged(lookups, register(tmp_path, reference, **other))
    corrected = read(tmp_path, reference).lookups
    assert lookups_unchanged(json.loads(json.dumps(corrected)), register(tmp_path, reference))
    assert not lookups_unchanged(corrected, register(tmp_path, reference, value="1"))


def test_a_homes_entry_replaces_ours_of_the_same_id(tmp_path, reference):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    register(ours, reference)
    register(theirs, reference, status="withdrawn")
    paths = [folder / "corrections.yml" for folder in (ours, theirs, tmp_path)]
    assert [each.status for each in load_corrections(paths, reference, ["thu"])] == ["withdrawn"]


def test_an_entry_that_no_load_of_its_source_met_is_told_once_there_are_loads(tmp_path, reference):
    known = register(tmp_path, reference, {}, {"id": "typo", "period_id": "2023-09"}).corrections
    asked = read(tmp_path, reference).lookups
    assert [each.id for each in unused(known, {"thu": json.loads(json.dumps(asked))})] == ["typo"]
    assert unused(known, {"thu": []}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source_id": "viettell"}, "source_id viettell is not known; nearest: viettel"),
        ({"indicator_code": "tel_mobile_subs"}, "nearest: tel_mobile_sub"),
        ({"area": "P63-99"}, "area P63-99 is not known; nearest: P63-"),
        ({"breakdown": "operator:viettell"}, "nearest: operator:viettel"),
        ({"when_valeu": "1"}, "field when_valeu is not known; nearest: when_value"),
        ({"action": "fix"}, "'fix' is not one of"),
        ({"value": None}, "value belongs to override, which needs it"),
        ({"action": "drop"}, "value belongs to override, which needs it; the action is drop"),
        ({"area": None}, "needs area, or (for all places) when_area"),
        ({"when_value": None}, "'when_value' is a required property"),
        ({"period_id": "9/2022"}, "does not match"),
    ],
)
def test_a_wrong_entry_is_refused_with_the_nearest_name(tmp_path, reference, change, said):
    with pytest.raises(SourceError) as refused:
        register(tmp_path, reference, **change)
    assert said in str(refused.value)


def test_two_entries_of_one_id_or_of_one_figure_are_refused(tmp_path, reference):
    for second, said in (({}, "same id"), ({"id": "other"}, "same source, place and period")):
        with pytest.raises(SourceError, match=said):
            register(tmp_path, reference, {}, second)


def test_a_register_may_be_empty_or_missing(tmp_path, reference):
    (tmp_path / "empty.yml").write_text("# nothing yet\n", encoding="utf-8")
    assert load_corrections([tmp_path / "empty.yml", tmp_path / "none.yml"], reference, []) == ()


def test_our_own_register_is_right_and_every_field_of_it_is_explained(reference):
    assert load_corrections([OURS], reference, SOURCES)
    for name, field in json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))["items"]["properties"].items():
        assert {"description", "examples", "x-bad-example"} <= field.keys(), name
