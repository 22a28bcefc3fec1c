"""The restatement gate: each changed value has its cause, what nothing explains waits, what is approved goes out."""

import hashlib
import json
import os
import shutil
from datetime import timedelta

import duckdb
import pytest

from ingestion.sample.workbook import operator_workbook
from ingestion.seeds import SEED_KEYS
from orchestration.failures import DONE, HELD
from orchestration.home import open_home
from orchestration.nightly import _judge, has_work
from orchestration.release_diffs import read_diff
from orchestration.releasing import publish_build
from orchestration.run import Ran
from orchestration.status import read_status
from tests.orchestration.changing_nights import ALONE, FIRST, changes_in, live_through
from warehouse.approving import approve
from warehouse.changes import compare as comparing
from warehouse.changes.evidence import declared
from warehouse.changes.summary import CHANGES, DIFF
from warehouse.content import TABLE_KEYS, content_hash
from warehouse.errors import StoreError
from warehouse.holding import open_hold
from warehouse.inboxes import Sight
from warehouse.ledger import append, entries, last_entry_no
from warehouse.release_pointer import rollback
from warehouse.releases import last_build, release_facts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gate"), pytest.mark.timeout(900)]

CENTRE = "fct_indicator_values"
LATER = FIRST + timedelta(days=30)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A home after a first night and six nights, on each of which one thing happened; and their releases."""
    folder = tmp_path_factory.mktemp("gate") / "home"
    published = live_through(folder)
    assert all(each.is_new for each in published)
    return folder, [each.release_id for each in published]


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


def of(changes, table, place, indicator, period):
    found = [e for e in changes if (e.table, e.place, e.indicator, e.period) == (table, place, indicator, period)]
    return [(each.change, each.before, each.after, each.cause) for each in found]


@pytest.mark.parametrize("number, cause", list(enumerate(ALONE, 1)))
def test_what_happens_alone_is_the_one_cause_of_all_that_changes(lived, number, cause):
    folder, releases = lived
    changes = changes_in(folder / "releases" / releases[number])
    assert {each.causes for each in changes} == {cause}
    assert CENTRE in {each.table for each in changes}


def test_derived_figures_change_for_the_cause_of_their_inputs(lived):
    folder, releases = lived
    revised = changes_in(folder / "releases" / releases[2])
    reached = {(each.place, each.indicator, each.period) for each in revised if each.table == CENTRE}
    assert reached >= {
        ("P63-08", "tel_mobile_sub", "2022-07"),  # the operators' sum
        ("P34-08", "tel_mobile_sub", "2022-07"),  # the province of today
        ("P63-08", "tel_smart_share", "2022-07"),  # the ratio
    }
    corrected = changes_in(folder / "releases" / releases[3])
    ((change, before, after, _),) = of(corrected, "fct_observations", "P63-01", "tel_mobile_sub", "2022-07")
    assert (change, float(after)) == ("altered", float(before) // 2)
    moved = changes_in(folder / "releases" / releases[4])
    assert {each.place for each in moved if each.table == CENTRE} == {"P34-25"}


def test_a_night_of_everything_names_each_cause_and_all_that_meet_in_one_figure(lived):
    folder, releases = lived
    diff = read_diff(open_home(folder), releases[0], releases[-1], None, 100_000)
    assert set(diff["causes"]) == set(ALONE)
    found = {
        (each["table_name"], each["province_id"], each["indicator_code"], each["period_id"]): each
        for each in diff["changes"]
    }
    assert found[CENTRE, "P63-01", "tel_mobile_sub", "2022-07"]["cause"] == "registered_correction"
    share = found[CENTRE, "P63-01", "tel_smart_share", "2022-07"]
    assert (share["cause"], share["causes"]) == (
        "registered_correction",
        "registered_correction;formula_or_catalogue_change",
    )
    assert found[CENTRE, "P63-04", "tel_smart_share", "2022-07"]["cause"] == "formula_or_catalogue_change"
    assert found[CENTRE, "P63-11", "tel_mobile_sub", "2022-07"]["cause"] == "deletion_at_source"


def recount(old, new, table):
    """Rows of a table that differ, counted with no part of the gate: by key, in columns that are no clocks."""
    key = comparing.declared("tables")[table].get("key", TABLE_KEYS[table])
    left_out = comparing.NOT_COMPARED | (comparing.PROVENANCE - set(key))
    where = "where is_latest" if table == "fct_observations" else ""
    rows = []
    for database in (old, new):
        with duckdb.connect(database, read_only=True) as connection:
            names = [row[0] for row in connection.execute(f"describe {table}").fetchall() if row[0] not in left_out]
            found = connection.execute(f"select {', '.join(names)} from {table} {where}").fetchall()
            places = [names.index(name) for name in key]
            rows.append({tuple(row[place] for place in places): row for row in found})
    return sum(rows[0].get(each) != rows[1].get(each) for each in rows[0].keys() | rows[1].keys())


def test_every_changed_value_is_there_once_and_none_is_left_out(lived):
    folder, releases = lived
    old, new = (folder / "releases" / name / "sotinh.duckdb" for name in (releases[0], releases[-1]))
    diff = read_diff(open_home(folder), releases[0], releases[-1], None, 100_000)
    told = [(each["table_name"], each["key"]) for each in diff["changes"]]
    assert len(told) == len(set(told))
    for table in declared("tables"):
        assert sum(name == table for name, _ in told) == recount(old, new, table), table


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
    edit(home, "update fct_observations set known_from = timestamp '2022-11-08 18:30' where source_id = 'mobifone'")
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
    assert [f"{moment:%Y-%m-%d %H:%M}" for (moment,) in moments] == ["2022-11-10 18:30"]  # when users came to know


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


def without_loads(patch):
    patch.setattr(comparing, "touched_loads", lambda *_: [])


def without_rules(patch):
    write = comparing.write_rules
    patch.setattr(comparing, "write_rules", lambda c, seeds, rules, v: write(c, seeds, rules[1:] * 2, v[1:] * 2))


def without(step):
    run = comparing._run
    return lambda patch: patch.setattr(comparing, "_run", lambda c, name: None if name == step else run(c, name))


@pytest.mark.parametrize(
    "cause, mutation",
    [
        ("new_period", without_loads),
        ("source_revision", without_loads),
        ("registered_correction", without_loads),
        ("deletion_at_source", without_loads),
        ("boundary_rebasing", without_rules),
        ("formula_or_catalogue_change", without_rules),
        ("source_revision", without("stated")),
        ("source_revision", without("derived")),
        ("formula_or_catalogue_change", without("catalogue")),
    ],
)
def test_without_its_evidence_a_cause_is_not_found(lived, monkeypatch, cause, mutation):
    folder, releases = lived
    number = 1 + list(ALONE).index(cause)
    for module in ("orchestration.release_diffs", "warehouse.changes.summary", "warehouse.changes.release_diff"):
        monkeypatch.setattr(f"{module}.DIFF", "made_anew.json")  # else the stored one is read

    def causes():
        return set(read_diff(open_home(folder), releases[number - 1], releases[number], None, 0)["causes"])

    assert causes() == {cause}
    mutation(monkeypatch)
    assert "unexplained" in causes()


# What they hold tells of releases and sources, of rules whose seeds are compared, or of the logs behind other tables.
ONLY_COUNTED = {"fct_observation_gaps", "rpt_obligations", "rpt_completeness", "dim_rules", "fct_dossier_days",
                "rpt_online_services", "rpt_dossier_reconciliation"}  # fmt: skip


def test_every_seed_and_every_published_table_of_figures_is_declared():
    assert declared("seeds").keys() == SEED_KEYS.keys()
    figures = {name for name in TABLE_KEYS if not name.startswith("audit_")} - ONLY_COUNTED
    assert declared("tables").keys() == figures


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
