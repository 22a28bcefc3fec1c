"""The restatement gate: each changed value has its cause, what nothing explains waits, what is approved goes out."""

import hashlib
import json
import os
import shutil
from datetime import timedelta

import duckdb
import pytest

from ingestion.sample.workbook import operator_workbook
from orchestration.failures import DONE, HELD
from orchestration.home import open_home
from orchestration.nightly import _judge, has_work
from orchestration.releasing import publish_build
from orchestration.run import Ran
from orchestration.status import read_status
from tests.orchestration.changing_nights import FIRST, changes_in
from warehouse.approving import approve
from warehouse.changes.evidence import declared
from warehouse.changes.summary import CHANGES, DIFF
from warehouse.content import content_hash
from warehouse.errors import StoreError
from warehouse.holding import DIFF_FOLDER, open_hold
from warehouse.inboxes import Sight
from warehouse.ledger import append, entries, last_entry_no
from warehouse.release_pointer import rollback
from warehouse.releases import last_build, release_facts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gate"), pytest.mark.timeout(900)]

LATER = FIRST + timedelta(days=30)


@pytest.fixture
def home(lived, tmp_path):
    """A copy of that home, to do something to."""
    return open_home(shutil.copytree(lived[0], tmp_path / "home", symlinks=True))


def edit(home, sql):
    with duckdb.connect(home.paths.warehouse_db) as connection:
        connection.execute(sql)


def again(home):
    """Publish the build that is there once more, a day later."""
    note = json.loads(home.paths.build_note.read_text())
    home.paths.build_note.write_text(json.dumps({**note, "published_at": LATER.isoformat()}))
    return publish_build(home)


def verdicts(home):
    """Results of the gate and of tests in the current release: what was checked, how it came out, who let it out."""
    told = "select check_name, success, observed, waiver from audit_checks where run_id = 'run-9' order by all"
    with duckdb.connect(home.paths.current / "sotinh.duckdb", read_only=True) as connection:
        return {row[0]: row[1:] for row in connection.execute(told).fetchall()}


def test_each_release_keeps_its_diff_read_only_and_the_ledger_its_hashes(lived):
    folder, releases = lived
    home = open_home(folder)
    for number, name in enumerate(releases):
        files = {file: folder / "releases" / name / file for file in (DIFF, CHANGES)}
        told = release_facts(home.ledger, name)["diff"]
        manifest = json.loads((folder / "releases" / name / "manifest.json").read_text())
        for file, path in files.items():
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            assert told["sha256"][file] == manifest["files"][file]["sha256"] == sha256
            assert not os.stat(path).st_mode & 0o222
        assert told["compared_with"] == (releases[number - 1] if number else None)
    assert list(release_facts(home.ledger, releases[0])["diff"]["causes"]) == ["new_period"]


def test_the_same_two_builds_have_the_same_changes_byte_by_byte(home, lived):
    *_, before, last = lived[1]
    stored = (home.paths.releases / last / CHANGES).read_bytes()
    rollback(home.paths, home.ledger, before, by="An", reason="thử", at=LATER)
    assert again(home).is_new  # the same build, compared once more with the release before it
    assert (home.paths.current / CHANGES).read_bytes() == stored


EDITS = {
    "a figure of the centre": "update fct_indicator_values set value = value + 1 where province_id = 'P63-04' "
    "and indicator_code = 'tel_mobile_sub' and period_id = '2022-07'",
    "a figure as stated": "update fct_observations set value = value + 1 where source_id = 'mobifone' and cell = 'D13'",
    "a name of a province": "update dim_provinces set name_vi = 'Hà Lội' where province_id = 'P63-01'",
    "a figure taken out": "delete from fct_indicator_values where province_id = 'P63-04' and period_id = '2022-07' "
    "and indicator_code = 'tel_mobile_sub'",
    "a count of dossiers": "update fct_dossiers set resolved_count = resolved_count + 1 where received_count = 1",
    "a row put in twice": "insert into dim_members from dim_members limit 1",
    "a column": "alter table dim_members add column note varchar",
}


# One row of each published table, in a night on which VNPT's sheet of July came again with one figure fewer.
EDITS_BESIDE_A_NIGHT = {
    "bridge_indicator_parts": "update bridge_indicator_parts set max_age_years = 9 where max_age_years is not null",
    "bridge_province_succession": "delete from bridge_province_succession where predecessor_id = 'P63-26'",
    "dim_indicators": "update dim_indicators set name_vi = 'Thuê bao' where indicator_code = 'tel_mobile_sub'",
    "dim_members": "update dim_members set name_vi = 'VNPT Vina' where code = 'vnpt'",
    "dim_periods": "update dim_periods set label_vi = 'Tháng bảy' where period_id = '2022-07'",
    "dim_province_versions": "update dim_province_versions set name_vi = 'Hà Lội' where name_vi = 'Hà Nội'",
    "dim_provinces": "update dim_provinces set name_vi = 'Hà Lội' where province_id = 'P63-01'",
    "dim_rules": "update dim_rules set value = value + 0.1 where rule_type = 'index_weight'",
    "dim_sources": "update dim_sources set rank = 1 where source_id = 'vnpt'",
    "fct_dossier_days": "update fct_dossier_days set dossier_count = dossier_count + 1",
    "fct_dossiers": "update fct_dossiers set early_count = early_count + 1",
    "fct_indicator_values": "update fct_indicator_values set value = value + 1 where province_id = 'P63-04'",
    "fct_observation_gaps": "insert into fct_observation_gaps select province_id, indicator_code, period_id, basis, "
    "breakdown, source_id, load_id, known_from, known_from + interval 1 day from fct_observations "
    "where source_id = 'mobifone' limit 1",
    "fct_observations": "update fct_observations set value = value + 1 where source_id = 'vnpt' and cell = 'E13'",
    "fct_ratio_parts": "update fct_ratio_parts set numerator = numerator + 1 where province_id = 'P63-04'",
    "fct_targets": "update fct_targets set value = value + 1 where indicator_code = 'dti_rank'",
    "rpt_completeness": "update rpt_completeness set completeness = 1 where province_id = 'P63-04' "
    "and source_id = 'vnpt' and period_id = '2022-08'",
    "rpt_dossier_reconciliation": "update rpt_dossier_reconciliation set outcome = 'agrees'",
    "rpt_obligations": "update rpt_obligations set state = 'confidential' where province_id = 'P63-04' "
    "and source_id = 'vnpt' and period_id = '2022-07'",
    "rpt_online_services": "update rpt_online_services set value = value + 1 where province_id = 'P63-38'",
    "rpt_rank_ranges": "update rpt_rank_ranges set rank_low = 1, rank_high = 99",
    "rpt_rankings": "update rpt_rankings set rank = rank + 1",
    "rpt_target_gaps": "update rpt_target_gaps set note_vi = 'đạt'",
}


def test_what_is_edited_in_any_published_table_is_told_from_what_a_night_explains(home, lived):
    assert EDITS_BESIDE_A_NIGHT.keys() == declared("tables").keys()
    *_, before, last = lived[1]
    (explained,) = {each.cause for each in changes_in(home.paths.releases / last)}
    rollback(home.paths, home.ledger, before, by="An", reason="thử", at=LATER)
    with duckdb.connect(home.paths.warehouse_db) as connection:
        for table, sql in EDITS_BESIDE_A_NIGHT.items():
            ((edited,),) = connection.execute(sql).fetchall()
            assert edited, table
    held = again(home)
    assert [each["reason_code"] for each in held.held_for] == ["unexplained"]
    changes = changes_in(home.paths.held / held.release_id / DIFF_FOLDER)
    assert {each.table for each in changes if each.cause == "unexplained"} == EDITS_BESIDE_A_NIGHT.keys()
    assert {each.cause for each in changes} == {"unexplained", explained}


@pytest.mark.parametrize("sql", EDITS.values(), ids=EDITS)
def test_an_edit_that_nothing_explains_holds_the_release(home, sql):
    before = last_build(home.ledger)
    edit(home, sql)
    held = again(home)
    assert (held.is_new, {each["reason_code"] for each in held.held_for} <= {"unexplained", "schema"}) == (False, True)
    assert held.held_for
    night = _judge(home, before, Ran(None, []))
    assert (night.exit_code, night.outcome, night.release_id) == (HELD, "held", before.release_id)
    assert os.readlink(home.paths.current) == f"releases/{before.release_id}"
    assert "sotinh releases approve" in night.message_vi
    assert read_status(home, LATER).held["release_id"] == held.release_id


def test_the_same_build_is_held_once_and_another_takes_its_place(home):
    edit(home, EDITS["a figure of the centre"])
    first = again(home)
    count = last_entry_no(home.ledger)
    assert again(home).release_id == first.release_id
    assert last_entry_no(home.ledger) == count
    assert has_work(home, Sight(), LATER)
    edit(home, EDITS["a name of a province"])
    second = again(home)
    assert [path.name for path in home.paths.held.iterdir()] == [second.release_id]
    assert [entry.subject_id for entry in entries(home.ledger, "held")] == [first.release_id, second.release_id]


def test_a_night_that_builds_what_is_current_ends_the_waiting(home):
    kept = home.paths.warehouse_db.read_bytes()
    edit(home, EDITS["a name of a province"])
    again(home)
    home.paths.warehouse_db.write_bytes(kept)
    before = last_build(home.ledger)
    assert not again(home).held_for
    assert (open_hold(home.ledger), home.paths.held.exists()) == (None, False)
    assert _judge(home, before, Ran(None, [])).exit_code == DONE


def test_an_approval_publishes_exactly_what_was_held_as_of_then(home):
    edit(home, EDITS["a figure of the centre"])
    edit(home, "update fct_observations set known_from = timestamp '2022-11-13 18:30' where source_id = 'mobifone'")
    held = again(home)
    at = LATER + timedelta(days=2)
    out = approve(home.paths, home.ledger, None, by="Chị Hoa", reason="đã hỏi lại", at=at, settings=home.settings)
    assert (out.release_id, out.content_hash, out.is_new) == (held.release_id, held.content_hash, True)
    assert content_hash(home.paths.current / "sotinh.duckdb").content_hash == held.content_hash
    (decision,) = entries(home.ledger, "decision")
    assert decision.subject_id == f"release/{held.release_id}"
    told = {name: decision.payload[name] for name in ("decision", "by", "reason")}
    assert told == {"decision": "approve", "by": "Chị Hoa", "reason": "đã hỏi lại"}
    assert release_facts(home.ledger, out.release_id)["approved_by_entry"] == decision.entry_no
    assert (open_hold(home.ledger), home.paths.held.exists()) == (None, False)
    with duckdb.connect(home.paths.current / "sotinh.duckdb", read_only=True) as connection:
        moments = connection.execute(
            "select distinct known_from from fct_observations where source_id = 'mobifone'"
        ).fetchall()
    assert [f"{moment:%Y-%m-%d %H:%M}" for (moment,) in moments] == ["2022-11-15 18:30"]  # when users came to know


def test_the_verdict_that_held_a_release_is_kept_with_it_and_names_who_approved(home):
    edit(home, EDITS["a figure of the centre"])
    home.paths.build_checks.write_text(json.dumps({"run_id": "run-9", "results": []}))
    held = again(home)
    approve(home.paths, home.ledger, None, by="Chị Hoa", reason="đã hỏi lại", at=LATER, settings=home.settings)
    found = verdicts(home)
    success, observed, waiver = found["every_change_is_explained"]
    assert (success, waiver) == (False, "Chị Hoa: đã hỏi lại")
    assert held.held_for[0]["reason_vi"] in observed and held.held_for[0]["reason_en"] in observed
    assert {name for name, told in found.items() if told[0] and told[2] is None} == {
        "every_row_is_accounted_for",
        "tables_keep_their_form",
        "revisions_are_tolerated",
        "no_figure_leaps",
        "deletions_are_tolerated",
    }
    entries_before = last_entry_no(home.ledger)
    assert not again(home).is_new  # the build of then, whose results are in the release now
    assert last_entry_no(home.ledger) == entries_before + 1


def test_what_was_approved_and_cut_short_is_published_by_the_next_night(home, monkeypatch):
    edit(home, EDITS["a figure of the centre"])
    home.paths.build_checks.write_text(json.dumps({"run_id": "run-9", "results": []}))
    held = again(home)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("warehouse.approving.publish_new", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        approve(home.paths, home.ledger, None, by="An", reason="đúng", at=LATER, settings=home.settings)
    out = again(home)
    assert (out.is_new, out.content_hash) == (True, held.content_hash)
    assert verdicts(home)["every_change_is_explained"][::2] == (False, "An: đúng")


def test_what_is_not_what_was_held_is_not_approved(home):
    def refusal(match):
        with pytest.raises(StoreError, match=match):
            approve(home.paths, home.ledger, None, by="An", reason="đúng", at=LATER, settings=home.settings)

    refusal("Nothing waits")
    edit(home, EDITS["a figure of the centre"])
    held = again(home)
    with pytest.raises(StoreError, match=f"{held.release_id} does"):
        approve(
            home.paths, home.ledger, "20000101T000000Z-00000000", by="", reason="", at=LATER, settings=home.settings
        )
    database = home.paths.held / held.release_id / "warehouse.duckdb"
    database.chmod(0o600)
    whole = database.read_bytes()
    with duckdb.connect(database) as connection:
        connection.execute("update fct_indicator_values set value = value + 1 where indicator_code = 'tel_smart_share'")
    refusal("are not what was held")
    database.write_bytes(whole)
    append(home.ledger, "decision", "load/x", {"decision": "discard", "by": "An", "reason": "sai"}, LATER)
    refusal("Run sotinh nightly")
    assert not entries(home.ledger, "release", since=held and open_hold(home.ledger).entry_no)


def test_a_sheet_that_loses_many_figures_ends_the_night_with_4_until_it_is_approved(first_night, sotinh, tmp_path):
    home = shutil.copytree(first_night, tmp_path / "home", symlinks=True)
    emptied = {f"E{row}": None for row in range(14, 44)}
    file = home / "inbox" / "vnpt" / "vnpt_2022-07.xlsx"
    file.write_bytes(operator_workbook("vnpt", 2022, 7, changes=emptied))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    before = os.readlink(home / "current")
    night = sotinh(home, "nightly", "--json")
    told = json.loads(night.stdout)
    assert (night.returncode, told["outcome"]) == (4, "held"), told
    assert [each["reason_code"] for each in told["held"]["held_for"]] == ["deleted"]
    assert os.readlink(home / "current") == before
    diff = json.loads(sotinh(home, "releases", "diff", "--cause", "deletion_at_source", "--json").stdout)
    assert {each["cause"] for each in diff["changes"]} == {"deletion_at_source"}
    assert json.loads(sotinh(home, "status", "--json").stdout)["held"]["release_id"] == diff["release_id"]
    approved = sotinh(home, "releases", "approve", "--by", "An", "--reason", "VNPT xác nhận", "--json")
    assert json.loads(approved.stdout)["release_id"] == diff["release_id"]
    assert os.readlink(home / "current") == f"releases/{diff['release_id']}"
    assert sotinh(home, "releases", "diff").returncode == 0
