"""The verdicts of the gate as checks of a release: each reason to hold is one that is met or not."""

import pytest

from warehouse.changes.gate_checks import gate_results
from warehouse.changes.release_diff import ReleaseDiff

DELETED = {"reason_code": "deleted", "reason_vi": "VNPT rút 30 số liệu.", "reason_en": "VNPT withdraws 30 figures."}


def diff(*held_for, reshaped=()):
    summary = {"causes": {"source_revision": 7, "deletion_at_source": 30}, "schema": {"added": list(reshaped)}}
    return ReleaseDiff("r1", summary, list(held_for), {})


def test_what_holds_a_release_is_not_met_and_says_why_the_others_say_what_was_found():
    found = {row["check_name"]: row for row in gate_results(diff(DELETED, reshaped=["dim_members.note"]), 500)}
    held = found.pop("deletions_are_tolerated")
    assert (held["success"], held["on_fail"], held["severity"]) == (False, "hold_release", "critical")
    assert held["observed"] == "VNPT rút 30 số liệu. / VNPT withdraws 30 figures."
    assert all(row["success"] for row in found.values())
    assert {name: row["observed"] for name, row in found.items()} == {
        "every_row_is_accounted_for": "500",
        "every_change_is_explained": "0",
        "tables_keep_their_form": "1",  # together with the code, else it would hold the release
        "revisions_are_tolerated": "7",
        "no_figure_leaps": "7",
    }


def test_a_build_that_is_compared_with_nothing_has_its_balance_alone():
    (balance,) = gate_results(None, 500)
    assert (balance["unexpected_count"], balance["element_count"], balance["success"]) == (0, 500, True)


def test_a_reason_without_a_check_of_its_own_is_never_left_out():
    with pytest.raises(KeyError, match="ranks_moved"):
        gate_results(diff({**DELETED, "reason_code": "ranks_moved"}), 500)
