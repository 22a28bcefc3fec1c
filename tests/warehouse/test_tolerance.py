"""What may go out without a person's word: few revisions, few deletions, no leaps, nothing unexplained."""

from dataclasses import replace

import duckdb
import pytest

from warehouse.changes.compare import Compared
from warehouse.changes.evidence import declared
from warehouse.changes.tolerance import reasons_to_hold
from warehouse.settings import Settings

NOTHING_RESHAPED = {"added": [], "removed": [], "retyped": []}
FIGURES = 1000  # that the source stated before


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        opened.execute("attach ':memory:' as old")
        stated = f"select 'gso' as source_id, true as is_latest from range({FIGURES})"
        opened.execute(f"create table old.main.fct_observations as {stated}")
        opened.execute("create table old.main.fct_targets (source_id varchar)")
        opened.execute("create table old.main.fct_dossiers (source_id varchar)")
        opened.execute(
            "create table labelled (table_name varchar, kind varchar, key varchar, source_id varchar, change varchar, "
            "number_before decimal(28, 10), number_after decimal(28, 10), value_before varchar, value_after varchar, "
            "cause varchar, causes varchar)"
        )
        yield opened


def reasons(connection, changes, schema=NOTHING_RESHAPED, is_other_code=False, settings=None):
    """(change, before, after, cause) each, as many times as said."""
    for number, (change, before, after, cause) in enumerate(changes):
        row = ["fct_observations", "stated", f"{number:05}", "gso", change, before, after, before, after, cause, cause]
        connection.execute(f"insert into labelled values ({', '.join('?' for _ in row)})", row)
    found = reasons_to_hold(connection, Compared([], schema, is_other_code), settings or Settings())
    assert {each["reason_code"] for each in found} <= set(declared("gate_checks"))
    return [each["reason_code"] for each in found]


def revised(count, before="100", after="110"):
    return [("altered", before, after, "source_revision")] * count


def deleted(count):
    return [("removed", "100", None, "deletion_at_source")] * count


@pytest.mark.parametrize(
    "changes, expected",
    [
        (revised(250), []),  # a quarter of its figures
        (revised(251), ["revised"]),
        (deleted(20), []),
        (deleted(21), ["deleted"]),
        ([("altered", "100", None, "deletion_at_source")] * 21, ["deleted"]),
        (revised(1, "100", "999"), []),
        (revised(1, "100", "1000"), ["revised_by_factor"]),
        (revised(1, "100", "-10"), ["revised_by_factor"]),
        (revised(1, "0", "1000"), []),  # nothing to measure against
        ([("added", None, "5", "new_period")] * 900, []),
        ([("altered", "100", "5000", "registered_correction")] * 300, []),  # a person has said so already
        ([("altered", "100", "101", "unexplained")], ["unexplained"]),
        (revised(251, "1", "10") + deleted(21), ["revised", "revised_by_factor", "deleted"]),
    ],
)
def test_a_release_waits_for_a_person_beyond_what_is_tolerated(connection, changes, expected):
    assert reasons(connection, changes) == expected


def test_shares_count_only_beyond_the_counts_beside_them(connection):
    few = replace(Settings(), revision_count_tolerance=300, deletion_share_tolerance=0.5)
    assert reasons(connection, revised(300) + deleted(500), settings=few) == []


def test_tables_may_change_their_form_only_with_the_code(connection):
    schema = {**NOTHING_RESHAPED, "removed": ["dim_members.note"]}
    assert reasons(connection, [], schema) == ["schema"]
    assert reasons(connection, [], schema, is_other_code=True) == []
