"""A home in which faulty files come, runs are killed, sources change and persons decide; and what does not balance.

The work is the night's own, from the inbox to the ledger, without Dagster and dbt: what is read, staged, judged and
settled is so by the product's code. After each step the loads of the ledger must balance, sheet by sheet, and the rows
that each rule rejects are counted in the files and compared with what Great Expectations found; after every third step,
and at the end, the gate looks at the audit tables of an export and at every file of the lake.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import duckdb
import pyarrow.parquet as pq

from expectations.suite import load_suite
from ingestion.reference import Reference
from ingestion.source import Source, load_source
from orchestration import held, loading, log_loading
from orchestration.decided import obstacles
from orchestration.home import Home, open_home
from orchestration.rebuilding import Rebuild
from tests.ingestion.generated.build import build
from tests.ingestion.generated.cell_traps import data_sheet, figures_of
from tests.ingestion.generated.plan import AXES, repaired
from tests.ingestion.generated.traps import TRAPS, fitted
from tests.ingestion.generated.truth import Book
from tests.ingestion.generated.writing import declared_source, write_book
from tests.orchestration import balance_faults as faults
from tests.warehouse.kill_lab import watch_steps
from tests.warehouse.store import AUDIT_MARTS, NO_PROMISES
from warehouse.decisions import DISCARD, LOAD, RELEASE, UNDO, decide
from warehouse.errors import BalanceError, GateRefused
from warehouse.export import export_inputs
from warehouse.landing import receive
from warehouse.ledger import entries, last_entry_no
from warehouse.load_records import load_records
from warehouse.release_gate import check_balance
from warehouse.sheet_counts import unbalanced
from warehouse.sql import quoted
from warehouse.sweep import sweep

NOW = datetime(2022, 10, 5, 3, 0, tzinfo=UTC)
STEPS_BETWEEN_GATES = 3
STEPS_OF_SETTLING = 14  # some more than settling a load of few partitions takes

Sabotage = Callable[["World"], None]


class Killed(Exception):
    """A run ended in the middle of settling a load."""


@dataclass
class World:
    """One home, and what the proof knows of its files.

    Attributes:
        home: the home.
        random: what draws.
        sources: the declared sources by id.
        row_faults: file name to the fault that is put into its staged rows.
        reader_said: load id to how often the reader gave each reason; rules are counted without them.
        tally: what happened, for the report.
        file_name: the file being settled.
        die_at: step of settling before which the next run is killed; 0 for none.
        told: entry up to which rules were counted.
    """

    home: Home
    random: Random
    sources: dict[str, Source]
    row_faults: dict[str, str] = field(default_factory=dict)
    reader_said: dict[str, Counter[str]] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    file_name: str = ""
    die_at: int = 0
    told: int = 0


@cache
def _sample_source(source_id: str) -> Source:
    return load_source(Path(__file__).parents[2] / "ingestion" / "sources" / f"{source_id}.yml")


def new_world(folder: Path, seed: int, reference: Reference) -> World:
    """An empty home; the same seed gives the same files, faults, kills and decisions."""
    folder.mkdir()
    (folder / "sotinh.toml").write_text("settle_seconds = 0\nthreads = 1\n", encoding="utf-8")
    home = open_home(folder)
    home.__dict__["reference"] = reference
    return World(home, Random(seed), {name: _sample_source(name) for name in (faults.OPERATOR, faults.LOG)})


def live_through(world: World, kinds: list[str], sabotage: Sabotage | None = None) -> list[str]:
    """Let files with these faults come, then run again, replay and decide; what does not balance, after each step."""
    found: list[str] = []
    for number, kind in enumerate(kinds):
        source_id = _send(world, kind, number)
        if source_id:
            found += _step(world, f"file {number}, {kind}", partial(_run, world, source_id, may_die=True), sabotage)
    for source_id in sorted(world.sources):
        before = last_entry_no(world.home.ledger)
        found += _step(world, f"{source_id} run again", partial(_run, world, source_id))
        found += [f"{source_id} run again wrote an entry"] if last_entry_no(world.home.ledger) != before else []
    replayed = world.random.choice(sorted(world.sources))
    asked = Rebuild(sources=(replayed,))
    found += _step(world, f"{replayed} read again", partial(_run, world, replayed, may_die=True, again=asked))
    found += _step(world, "decisions", partial(_decide, world))
    for label, source in (("changed", _changed(world.sources[replayed])), ("as before", world.sources[replayed])):
        world.sources[replayed] = source
        found += _step(world, f"YAML of {replayed} {label}", partial(_run, world, replayed, may_die=True))
    found += [f"at the end: {said}" for said in _refusals(world)]
    world.tally["loads"] += len({record.load_id for record in load_records(world.home.ledger)})
    return found


def _step(world: World, label: str, action: Callable[[], None], sabotage: Sabotage | None = None) -> list[str]:
    try:
        action()
    except BalanceError as error:
        return [f"{label}: {error}"]
    if sabotage:
        sabotage(world)
    world.tally["steps"] += 1
    found = [f"load {load_id} does not balance" for load_id in unbalanced(load_records(world.home.ledger))]
    found += _miscounted_rules(world)
    if world.tally["steps"] % STEPS_BETWEEN_GATES == 0:
        found += _refusals(world)
    return [f"{label}: {said}" for said in found]


def _refusals(world: World) -> list[str]:
    """What the gate says against the audit tables of an export and the files of the lake; nothing where all is well."""
    home = world.home
    up_to = last_entry_no(home.ledger)
    declared = {name: _Declared(source) for name, source in world.sources.items()}
    export_inputs(home.paths, home.ledger, up_to, declared, NO_PROMISES, NOW)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"attach {quoted(str(home.paths.inputs_db))} as inputs (read_only)")
        connection.execute(AUDIT_MARTS)
        try:
            check_balance(connection, home.paths, home.ledger, up_to, 0)
        except GateRefused as refused:
            return [refused.en]
    world.tally["gates"] += 1
    return []


class _Declared:
    """A source with every column of table `sources`, as the export asks for them."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name, None)


def _miscounted_rules(world: World) -> list[str]:
    """Rules of which the rows that name them are not as many as Great Expectations found, in entries not seen yet."""
    found = []
    for entry in entries(world.home.ledger, "load", since=world.told):
        told, world.told = entry.payload, entry.entry_no
        codes = {rule.name: rule.reason_code for rule in load_suite(told["shape"]).rules} if told["checks"] else {}
        named = _named(world.home.paths.home / told["rejected_file"]) if told["rejected_file"] else Counter()
        named -= world.reader_said.get(told["load_id"], Counter())
        for check in told["checks"]:
            if check["on_fail"] != "reject_rows":
                continue
            rows, counted = named[codes[check["check_name"]]], check["unexpected_count"]
            world.tally["rules compared"] += 1
            world.tally["rows rejected by rules"] += rows
            world.tally[f"rule {told['shape']}: {check['check_name']}"] += counted
            if rows != counted:
                found.append(f"{told['load_id']}, {check['check_name']}: {rows} rows name it, {counted} were found")
    return found


def _named(rejected: Path) -> Counter[str]:
    reasons = pq.read_table(rejected, columns=["reasons"])["reasons"].to_pylist()
    return Counter(code for each in reasons for code in set(json.loads(each)))


def _send(world: World, kind: str, number: int) -> str | None:
    """Put a file with the fault into the inbox; None where a trap does not fit its workbook."""
    source_id, random = faults.source_of(kind), world.random
    if source_id == faults.BOOK:
        book = _book(kind, random.randint(0, 10**6))
        if book is None:
            return None
        work = world.home.paths.home / "book"
        work.mkdir(exist_ok=True)
        content, name = write_book(book, work).read_bytes(), f"{number} {book.file_name}"
        source_id = f"{faults.BOOK}_{number}"
        # what the file name says is part of the book, and so is its YAML: each is a source of its own
        world.sources[source_id], name = replace(declared_source(book), source_id=source_id), book.file_name
    elif source_id == faults.LOG:
        content, name = faults.log_file(kind, number, random), f"log {number}.csv.gz"
    else:
        content, name = faults.operator_file(kind, number, random), f"viettel {number}.xlsx"
    if kind in faults.ROW_KINDS:
        world.row_faults[f"{source_id}/{name}"] = kind
    folder = world.home.paths.inbox / source_id
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    world.tally[f"kind {kind}"] += 1
    return source_id


def _book(kind: str, seed: int) -> Book | None:
    random = Random(seed)
    drawn = {axis: random.choice(options) for axis, options in AXES.items()}
    trap = random.choice(sorted(TRAPS)) if kind == faults.TRAP else ""
    shape = {} if kind in (faults.TRAP, faults.GOOD_BOOK) else {"constants": "none"}
    book = build(fitted(drawn, trap) if trap else repaired({**drawn, **shape}), seed)
    return None if trap and not (figures_of(data_sheet(book)) and TRAPS[trap](book)) else book


def _changed(source: Source) -> Source:
    return replace(source, yaml_sha256=f"changed {source.yaml_sha256}")


def _run(world: World, source_id: str, *, may_die: bool = False, again: Rebuild | None = None) -> None:
    """What a night does with one source up to the build; killed in the middle, the next one takes over."""
    home = world.home
    world.die_at = world.random.randint(1, STEPS_OF_SETTLING) if may_die and world.random.random() < 0.4 else 0
    for _ in range(2):
        sweep(home.paths, home.ledger)
        receive(home.paths, home.ledger, home.settings, list(world.sources), NOW, home.inboxes)
        try:
            with _watched(world):
                loading.load_source(home, world.sources[source_id], NOW, "run", again or Rebuild())
            return
        except Killed:
            world.tally["kills"] += 1


def _decide(world: World) -> None:
    for record in load_records(world.home.ledger):
        refused = record.verdict == "quarantined"
        choices = [RELEASE, RELEASE, DISCARD, ""] if refused else [""]
        choice = world.random.choice(choices)
        if choice and not (choice == RELEASE and obstacles(record.payload["shape"], record.payload["checks"])):
            decide(world.home.ledger, f"{LOAD}/{record.load_id}", choice, by="An", reason="thử", at=NOW)
            world.tally[f"decision {choice}"] += 1
            _run(world, record.payload["source_id"], may_die=True)
            if choice == RELEASE and world.random.random() < 0.3:
                decide(world.home.ledger, f"{LOAD}/{record.load_id}", UNDO, by="An", reason="thử", at=NOW)
                world.tally[f"decision {UNDO}"] += 1
                _run(world, record.payload["source_id"])


@contextmanager
def _watched(world: World) -> Iterator[None]:
    """The product's steps with an eye on them: rows are spoilt after staging, and settling may be killed."""
    settle_file, validate = loading.settle_file, loading.validate

    def settle_named(home: Home, source: Source, file: Any, now: datetime, run_id: str) -> None:
        world.file_name = f"{source.source_id}/{file.file_name}"
        settle_file(home, source, file, now, run_id)

    def judge(shape: str, rows: Path, facts: Any, **how: Any) -> Any:
        fault = world.row_faults.get(world.file_name)
        if fault:
            faults.spoil_rows(fault, rows, Random(world.file_name))
        world.reader_said[facts.load_id] = _named(rows.with_name("rejected.parquet"))
        return validate(shape, rows, facts, **how)

    with (
        mock.patch.object(loading, "settle_file", settle_named),
        mock.patch.object(loading, "validate", judge),
        mock.patch.object(log_loading, "validate", judge),
        mock.patch.object(loading.loads, "settle", _mortal(world, loading.loads.settle)),
        mock.patch.object(log_loading.dossiers, "settle_log", _mortal(world, log_loading.dossiers.settle_log)),
    ):
        assert held.loads is loading.loads
        yield


def _mortal(world: World, settle: Callable[..., Any]) -> Callable[..., Any]:
    """Settling, which dies before step `die_at` in a process of its own: nothing gets the chance to tidy up."""

    def run(*args: Any, **how: Any) -> Any:
        if not world.die_at:
            return settle(*args, **how)
        die_at, world.die_at = world.die_at, 0
        child = os.fork()
        if child == 0:
            signal.alarm(120)
            code = 1
            try:
                watch_steps(die_at)
                settle(*args, **how)
                code = 0
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, 137), f"the process that was to be killed ended with {code}"
        raise Killed

    return run
