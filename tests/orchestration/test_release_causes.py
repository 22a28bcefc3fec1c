"""Why published values changed: each has one cause, of six, derived from what happened between two releases."""

import duckdb
import pytest

from ingestion.seeds import SEED_KEYS
from orchestration.home import open_home
from orchestration.release_diffs import read_diff
from tests.orchestration.changing_nights import ALONE, changes_in
from warehouse.changes import compare as comparing
from warehouse.changes.evidence import declared
from warehouse.content import TABLE_KEYS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gate"), pytest.mark.timeout(900)]

CENTRE = "fct_indicator_values"
# Beside the centre.
TABLES_THAT_CHANGE = {
    "new_period": {CENTRE, "fct_observations", "rpt_obligations", "rpt_completeness", "rpt_online_services",
                   "fct_dossiers", "fct_dossier_days", "rpt_dossier_reconciliation"},
    "source_revision": {CENTRE, "fct_observations", "fct_dossiers", "fct_dossier_days", "rpt_online_services",
                        "rpt_dossier_reconciliation"},
    "registered_correction": {CENTRE, "fct_observations"},
    "boundary_rebasing": {CENTRE, "dim_provinces", "rpt_obligations", "rpt_completeness"},
    "formula_or_catalogue_change": {CENTRE, "dim_rules", "rpt_obligations", "rpt_completeness", "rpt_online_services"},
    "deletion_at_source": {CENTRE, "fct_observations", "rpt_obligations", "rpt_completeness"},
}  # fmt: skip


def is_of_logs(change):
    is_counted = declared("tables")[change.table]["kind"] in {"counted", "summed", "reconciled"}
    return is_counted or change.table == "dim_sources" or (change.indicator or "").startswith("dvc_")


def of(changes, table, place, indicator, period):
    found = [e for e in changes if (e.table, e.place, e.indicator, e.period) == (table, place, indicator, period)]
    return [(each.change, each.before, each.after, each.cause) for each in found]


@pytest.mark.parametrize("number, cause", list(enumerate(ALONE, 1)))
def test_what_happens_alone_is_the_one_cause_of_all_that_changes(lived, number, cause):
    folder, releases = lived
    changes = changes_in(folder / "releases" / releases[number])
    goes_on = {each for each in changes if cause == "new_period" and is_of_logs(each)}  # a test of its own, below
    assert {each.causes for each in set(changes) - goes_on} == {cause}
    assert {each.table for each in changes} >= TABLES_THAT_CHANGE[cause]


def test_a_log_that_goes_on_brings_new_months_and_revises_those_before_them(lived):
    folder, releases = lived
    counted = {each for each in changes_in(folder / "releases" / releases[1]) if is_of_logs(each)}
    for period, causes in {
        "2022-08": {"new_period"},
        "2022-07": {"source_revision"},
        "2022-Q3": {"source_revision;new_period", "new_period", "source_revision"},
    }.items():
        assert {each.causes for each in counted if each.period == period} <= causes, period
        assert {each.table for each in counted if each.period == period} >= {"rpt_online_services", CENTRE}


def test_what_came_is_deleted_at_the_source_for_who_reads_the_two_releases_the_other_way_round(lived):
    folder, releases = lived
    back = read_diff(open_home(folder), releases[1], releases[0], None, 100_000)["changes"]
    for table in ("fct_dossiers", "fct_dossier_days", "rpt_online_services"):
        assert {each["cause"] for each in back if each["table_name"] == table} == {"deletion_at_source"}, table


def test_a_day_that_passes_is_no_revision_but_a_period_that_falls_due(lived):
    """Nothing came of September in the night before 16 October, and the operators owed it on the 15th."""
    folder, releases = lived
    september = {
        (each.table, each.before, each.after, each.causes)
        for each in changes_in(folder / "releases" / releases[1])
        if each.table.startswith("rpt_") and each.period == "2022-09"
    }
    assert september == {
        ("rpt_obligations", "not_yet_due", "late", "new_period"),
        ("rpt_completeness", None, "0.0000000000", "new_period"),
    }


def test_what_is_owed_changes_for_what_happened_to_its_own_figure(lived):
    folder, releases = lived
    came, revised, corrected, ended, declared_anew, withdrawn = [
        {
            (each.source, each.place, each.period, each.before, each.after)
            for each in changes_in(folder / "releases" / release)
            if each.table == "rpt_obligations"
        }
        for release in releases[1:]
    ]
    assert ("viettel", "P63-04", "2022-08", "late", "delivered") in came
    assert ("mobifone", "P63-04", "2022-08", "late", "late") in came  # but its file waits for a decision
    assert revised == corrected == set()  # the same figures are there, with other values
    assert {(place, period, after) for _, place, period, _, after in ended} == {("P63-12", "2022-09", None)}
    assert ("mobifone", "P63-04", "2022-09", "late", "not_yet_due") in declared_anew
    assert withdrawn == {("vnpt", "P63-11", "2022-07", "delivered", "missing")}


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


def test_a_night_of_everything_names_each_cause_in_what_is_owed_and_in_the_sums_of_logs(lived):
    folder, releases = lived
    changes = read_diff(open_home(folder), releases[0], releases[-1], None, 100_000)["changes"]

    def causes(table):
        return {cause for each in changes if each["table_name"] == table for cause in each["causes"].split(";")}

    four = {"new_period", "boundary_rebasing", "formula_or_catalogue_change", "deletion_at_source"}
    assert causes("rpt_obligations") == causes("rpt_completeness") == four
    assert causes("rpt_online_services") == {"new_period", "source_revision", "formula_or_catalogue_change"}
    assert causes("dim_rules") == {"formula_or_catalogue_change"}
    assert causes("fct_dossier_days") <= {"new_period", "source_revision"}


def test_every_changed_value_is_there_once_and_none_is_left_out(lived):
    folder, releases = lived
    old, new = (folder / "releases" / name / "sotinh.duckdb" for name in (releases[0], releases[-1]))
    diff = read_diff(open_home(folder), releases[0], releases[-1], None, 100_000)
    told = [(each["table_name"], each["key"]) for each in diff["changes"]]
    assert len(told) == len(set(told))
    for table in declared("tables"):
        assert sum(name == table for name, _ in told) == recount(old, new, table), table


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
        ("source_revision", without("counted")),
        ("deletion_at_source", without("owed")),
        ("new_period", without("compiled")),
    ],
)
def test_without_its_evidence_a_cause_is_not_found(lived, monkeypatch, cause, mutation):
    folder, releases = lived
    number = 1 + list(ALONE).index(cause)
    for module in ("orchestration.release_diffs", "warehouse.changes.summary", "warehouse.changes.release_diff"):
        monkeypatch.setattr(f"{module}.DIFF", "made_anew.json")  # else the stored one is read

    def causes():
        return set(read_diff(open_home(folder), releases[number - 1], releases[number], None, 0)["causes"])

    found = causes()
    assert cause in found
    assert "unexplained" not in found
    mutation(monkeypatch)
    assert "unexplained" in causes()


def test_every_seed_and_every_published_table_but_those_of_the_audit_is_declared():
    assert declared("seeds").keys() == SEED_KEYS.keys()
    assert declared("tables").keys() == {name for name in TABLE_KEYS if not name.startswith("audit_")}
