"""Seeded faults into the history of a home: what saw them, what a rule is worth, and what the home keeps of it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from expectations import validate
from expectations.suite import Suite, load_suite
from ingestion.drill.kinds import KINDS
from orchestration.drill import run_drill, share_handled
from orchestration.drill_history import copy_history, live_through
from orchestration.drill_trials import Bases, Trial, trials_of
from orchestration.home import Home, look_at_home
from orchestration.trial_home import trial_home
from tests.conftest import Sotinh, made_once, run_sotinh
from tests.drill_world import make_history
from warehouse.files import sha256_of
from warehouse.ledger import entries

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("drill")]

NOW = datetime(2026, 1, 4, tzinfo=UTC)
SOURCES = ("so_tttt_thang", "cuc_vt_thang")
MONTHS = 7


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven months of a ministry's sheet and of a sheet of three operators."""
    return made_once(tmp_path_factory, "drill_history", _make)


def _make(folder: Path) -> None:
    make_history(folder, months=MONTHS, sources=SOURCES)


@pytest.fixture(scope="module")
def bases(history: Path) -> Iterator[tuple[Bases, Home]]:
    """The history lived through once, for faults of single kinds."""
    home = look_at_home(history)
    with trial_home(home, "drill") as drill:
        yield Bases(drill, list(live_through(drill, copy_history(home, drill)))), drill


def trials(bases: tuple[Bases, Home], kind: str, seed: int, faults: int) -> list[Trial]:
    found, why = trials_of(kind, *bases, seed, faults)
    assert why is None
    return [trial for trial, _ in found]


def files_of(home: Path) -> dict[str, str]:
    kept = (path for path in home.rglob("*") if path.is_file() and "drills" not in path.parts)
    return {str(path.relative_to(home)): sha256_of(path) for path in kept if path.name not in ("ledger.db", "lock")}


def test_every_kind_is_tried_and_seen_the_clean_history_is_quiet_and_the_home_is_as_before(history):
    home, before = look_at_home(history), files_of(history)
    result = run_drill(home, seed=1, faults=1, kinds=list(KINDS), now=NOW)
    assert [(score["kind"], score["injected"], score["missed"]) for score in result["kinds"]] == [
        (kind, 1, 0) for kind in KINDS
    ]
    assert [trial["outcome"] for trial in result["trials"] if trial["kind"] == "nfd_names"] == ["read_rightly"]
    clean = result["clean"]
    assert (clean["loads"], clean["loads_alarmed"], clean["alarms"]) == (MONTHS * len(SOURCES), 0, 0)
    assert clean["checks"] > 20 * clean["loads"]
    (entry,) = entries(home.ledger, "drill")
    stored = json.loads((home.paths.drills / f"{result['run_id']}.json").read_text(encoding="utf-8"))
    assert stored == result
    assert entry.payload == {name: value for name, value in result.items() if name != "trials"}
    assert files_of(history) == before


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("stale_file", "figures_have_moved"),
        ("swapped_columns", "columns_are_in_their_place"),
        ("moved_decimal", "series_keep_their_pace"),
        ("negative_stock", "value_not_below_minimum"),
        ("wrong_month", "told_figures_stand"),
        ("wrong_month", "periods_follow_on"),
        ("dropped_province", "steady_series_go_on"),
    ],
)
def test_without_a_rule_fewer_faults_of_its_kind_are_seen(bases, monkeypatch, kind, rule):
    faults = 3
    assert [trial.outcome for trial in trials(bases, kind, 3, faults)].count("missed") == 0

    def without(shape: str, *more: Path) -> Suite:
        suite = load_suite(shape, *more)
        kept = tuple(each for each in suite.rules if each.name != rule)
        assert len(kept) == len(suite.rules) - 1
        return Suite(suite.shape, suite.columns, kept, suite.is_large)

    monkeypatch.setattr(validate, "load_suite", without)
    assert [trial.outcome for trial in trials(bases, kind, 3, faults)].count("missed") > 0


def test_an_operator_whose_file_does_not_come_is_late_the_day_after_it_was_due(tmp_path):
    home = make_history(tmp_path / "home", months=6, sources=("viettel",))
    result = run_drill(home, seed=1, faults=1, kinds=["missing_operator"], now=NOW)
    (trial,) = result["trials"]
    assert (trial["outcome"], trial["caught_by"]) == ("late", ["late"])
    assert trial["what"] == "no file of viettel for 2022-12"


def test_the_same_seed_draws_the_same_faults_and_another_seed_others(bases):
    drawn = [[trial.what for trial in trials(bases, "dropped_province", seed, 2)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_home_with_a_short_history_says_why_nothing_was_tried_and_what_its_clean_files_say(
    first_night, sotinh: Sotinh, tmp_path
):
    from tests.orchestration.test_nights import copy_of

    home = copy_of(first_night, tmp_path / "home")
    done = sotinh(home, "drill", "--faults", "1", "--kinds", "stale_file,nfd_names", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [(score["injected"], score["not_tried_en"]) for score in result["kinds"]] == [
        (0, "the history is too short: no source of sheets has a file that comes after at least 5 accepted ones")
    ] * 2
    assert [share_handled(score) for score in result["kinds"]] == [None, None]
    assert (result["clean"]["loads"], result["clean"]["alarms"]) == (15, 0)
    quiet = json.loads(sotinh(home, "nightly", "--json").stdout)
    assert quiet["outcome"] == "quiet"


def test_an_unknown_kind_is_refused_with_the_known_ones(history):
    refused = run_sotinh(history, "drill", "--kinds", "gremlins")
    assert refused.returncode == 2
    assert "no kind gremlins; known: thousandfold" in " ".join(refused.stderr.split())
