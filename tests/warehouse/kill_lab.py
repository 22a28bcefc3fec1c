"""Kills the store for real at every boundary between two steps, runs it again and compares with an undisturbed run.

Run as a program, because each trial is a fork that ends by `os._exit`: nothing gets the chance to tidy up.
The parent never uses DuckDB or Arrow itself, so forking it is safe.
"""

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401  (loaded before the forks, used only in them)
import pyarrow.compute
import pyarrow.parquet  # noqa: F401
import sqlalchemy  # noqa: F401

import warehouse.dossiers
import warehouse.landing
import warehouse.loads
import warehouse.release_pointer
import warehouse.releases
from tests.warehouse import logs
from tests.warehouse.store import (
    SETTINGS,
    Store,
    accept,
    at_night,
    build,
    check,
    load_of,
    new_store,
    publish,
    put,
    receive,
    reject,
    rows,
    unreadable,
)
from warehouse.content import content_hash
from warehouse.inbox_address import inbox_address
from warehouse.ledger import entries, last_entry_no, verify_chain
from warehouse.load_records import LANDED_BYTES_CHANGED, Load
from warehouse.sweep import sweep

# what changes the visible state of the disk; flushing does not, so a kill before it equals one after it
DISK_STEPS = ("rename", "replace", "unlink", "rmdir", "symlink", "mkdir", "chmod")
LEDGER_USERS = (
    warehouse.dossiers, warehouse.landing, warehouse.loads, warehouse.releases, warehouse.release_pointer,
)  # fmt: skip
SERVER_INBOX = "SERVER_INBOX"
PHYSICAL = ("inbox_body", "inbox_identity", "inbox_look")


def start_inbox(store: Store) -> None:
    put(store, "viettel/thang 9.xlsx", b"september")
    put(store, "viettel/thang 9 (1).xlsx", b"september", mtime=1_700_000_100)
    put(store, "viettel/thang 9 (2).xlsx", b"september", mtime=1_700_000_100)
    put(store, "vnpt/a.csv", b"other")
    put(store, "la/x.bin", b"?")
    put(store, "loose.txt", b"!")
    put(store, "vnpt/2022/nested.csv", b"1")
    (store.paths.inbox / "vnpt" / "link.csv").symlink_to("/etc/hostname")
    os.link(put(store, "vnpt/hard.csv", b"linked"), store.paths.home / "other name")


def start_inbox_again(store: Store) -> None:
    """Two files were received, then lost from landing: one before it could be read, one after; both are sent again."""
    put(store, "viettel/a.csv", b"not read yet")
    put(store, "vnpt/b.csv", b"read")
    for file in receive(store).received:
        shape, reason_code = "subscribers", "header_not_found"
        if file.source_id == "viettel":
            reason_code = LANDED_BYTES_CHANGED
        load = Load(file.source_id, file.source_id, shape, file.file_name, file.sha256, file.bytes, at_night(0))
        warehouse.loads.fail(store.paths, store.ledger, load, reason_code, "Hỏng.", "Broken.", at_night(0))
        (store.paths.landing / file.source_id / file.sha256).unlink()
    put(store, "viettel/a.csv", b"not read yet")
    put(store, "vnpt/b.csv", b"read")


def run_receive(store: Store) -> None:
    receive(store)


def run_receive_from_server(store: Store) -> None:
    """From the inbox on a server that the environment names; what lies there is the same for every trial."""
    address = inbox_address(os.environ[SERVER_INBOX], Path())
    warehouse.landing.receive(store.paths, store.ledger, SETTINGS, ["viettel", "vnpt"], at_night(0), [address])


def run_receive_across_file_systems(store: Store) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    os.rename = refuse
    receive(store)


def nothing(_: Store) -> None:
    pass


def run_accept(store: Store) -> None:
    sweep(store.paths, store.ledger)
    if last_entry_no(store.ledger) == 0:
        table = rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-10", "-5"), (4, "P63-26", "2022-10", "7"))
        accept(store, load_of("l1", 4), table, unreadable(3), [reject(2)])
    sweep(store.paths, store.ledger)


def run_quarantine(store: Store) -> None:
    sweep(store.paths, store.ledger)
    if last_entry_no(store.ledger) == 0:
        load = load_of("l1", 2)
        warehouse.loads.stage(store.paths, load, rows((1, "P63-01", "2022-09", "10")), unreadable(2))
        warehouse.loads.quarantine(
            store.paths,
            store.ledger,
            load,
            rejected_rows=[],
            checks=[check(success=False)],
            at=at_night(0),
            run_id="r",
            reason_vi="Thiếu tỉnh.",
            reason_en="Provinces are missing.",
        )
    sweep(store.paths, store.ledger)


FIRST_LOG = [("an", "2022-08-30", "1"), ("binh", "2022-09-01", "1"), ("an", "2022-09-02", "9")]
SECOND_LOG = [("binh", "2022-11-01", "9"), None, ("dung", "2022-11-02", "1"), ("cuc", "2022-11-03", "1")]


def start_logs(store: Store) -> None:
    logs.settle(store, logs.log_load("l1", 3), FIRST_LOG)


def run_logs(store: Store) -> None:
    """A log that corrects a dossier of the one before, with a row each rejected by reader and validation."""
    sweep(store.paths, store.ledger)
    if last_entry_no(store.ledger) == 1:
        judged = logs.judged(store.paths.build / "judged.parquet", (4, "state", "77"))
        logs.settle(store, logs.log_load("l2", 4), SECOND_LOG, logs.report(judged))
    sweep(store.paths, store.ledger)


def run_held_log(store: Store) -> None:
    """A log that is quarantined, then released."""
    sweep(store.paths, store.ledger)
    if last_entry_no(store.ledger) == 0:
        logs.settle(store, logs.log_load("l1", 3), FIRST_LOG, logs.report(verdict="quarantined"))
    if last_entry_no(store.ledger) == 1:
        load = logs.log_load("l1", 3)
        warehouse.dossiers.settle_log(store.paths, store.ledger, load, logs.report(), at_night(1), "run-2")
    sweep(store.paths, store.ledger)


def start_publish(store: Store) -> None:
    accept(store, load_of("l1", 1), rows((1, "P63-01", "2022-09", "10")))
    publish(store)
    accept(store, load_of("l2", 1, sha256="bb", night=1), rows((1, "P63-01", "2022-10", "12")))
    build(store, night=1)


def run_publish(store: Store) -> None:
    settings = warehouse.settings.Settings(settle_seconds=0, keep_releases=1, threads=1)
    warehouse.release_pointer.recover(store.paths, store.ledger, settings)
    newest = warehouse.releases.last_build(store.ledger)
    if newest and newest.ledger_entry == 1:
        warehouse.releases.publish(
            store.paths,
            store.ledger,
            store.paths.warehouse_db,
            ledger_entry=3,
            code_version="c1",
            published_at=at_night(1),
            settings=settings,
            rules=None,
        )


def run_rollback(store: Store) -> None:
    warehouse.release_pointer.recover(store.paths, store.ledger)
    if not entries(store.ledger, "rollback"):
        warehouse.release_pointer.rollback(store.paths, store.ledger, None, by="an", reason="sai", at=at_night(2))


def start_rollback(store: Store) -> None:
    start_publish(store)
    publish(store, night=1)


SCENARIOS: dict[str, tuple[Callable[[Store], None], Callable[[Store], None]]] = {
    "receive": (start_inbox, run_receive),
    "receive_from_server": (nothing, run_receive_from_server),
    "receive_across_file_systems": (start_inbox, run_receive_across_file_systems),
    "receive_again": (start_inbox_again, run_receive),
    "receive_again_across_file_systems": (start_inbox_again, run_receive_across_file_systems),
    "accept": (nothing, run_accept),
    "quarantine": (nothing, run_quarantine),
    "logs": (start_logs, run_logs),
    "held_log": (nothing, run_held_log),
    "publish": (start_publish, run_publish),
    "rollback": (start_rollback, run_rollback),
}


def in_child(action: Callable[[], Any]) -> tuple[int, Any]:
    """Runs the action in a fork; returns its exit code and what it returned."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            answer = json.dumps(action()).encode()
            os.write(writer, answer)
            code = 0
        except BaseException as error:
            import traceback

            traceback.print_exc()
            print(repr(error), file=sys.stderr)
        os._exit(code)
    os.close(writer)
    with open(reader, "rb") as stream:
        text = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, json.loads(text) if text else None


def watch_steps(die_at: int) -> list[str]:
    """From now on every step is listed; before step number `die_at` the process dies."""
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) == die_at:
            os._exit(137)

    def wrap(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            step(name)
            result = function(*args, **kwargs)
            if name == "append":
                step("appended")
            return result

        return wrapped

    for name in DISK_STEPS:
        setattr(os, name, wrap(name, getattr(os, name)))
    for module in LEDGER_USERS:
        module.append = wrap("append", module.append)
    return steps


def ends_of_series(steps: list[str]) -> list[int]:
    """Numbers of the steps to die before: of a series of like steps (ten chmods) the first and the last."""
    around = ["", *steps, ""]
    return [n for n in range(1, len(steps) + 1) if around[n] != around[n - 1] or around[n] != around[n + 1]]


def snapshot(store: Store) -> dict[str, Any]:
    """Everything that must be the same: files, their modes and content, links, and what the ledger says."""
    files: dict[str, Any] = {}
    for folder, folders, names in os.walk(store.paths.home):
        for name in [*folders, *names]:
            path = Path(folder) / name
            place = path.relative_to(store.paths.home).as_posix()
            if place.startswith(("build", "ledger.db")):
                continue
            mode = oct(stat.S_IMODE(path.lstat().st_mode))
            if path.is_symlink():
                files[place] = os.readlink(path)
            elif path.is_dir():
                files[place] = mode
            elif path.suffix == ".duckdb":
                files[place] = [mode, content_hash(path).content_hash]
            elif name == "manifest.json":
                facts = json.loads(path.read_text())
                files[place] = {key: value for key, value in facts.items() if key not in ("files", "ledger_hash")}
            else:
                files[place] = [mode, hashlib.sha256(path.read_bytes()).hexdigest()]
    told = [
        [e.kind, e.subject_id, {k: v for k, v in e.payload.items() if k not in PHYSICAL and k != "ledger_hash"}]
        for e in entries(store.ledger)
    ]
    return {"files": files, "ledger": told, "broken": [fault.reason_en for fault in verify_chain(store.ledger)]}


def try_all(name: str) -> dict[str, Any]:
    """Undisturbed once, then killed before every step and run again."""
    start, run = SCENARIOS[name]
    with tempfile.TemporaryDirectory() as folder:
        origin = Path(folder) / "origin"
        assert in_child(lambda: start(new_store(origin)))[0] == 0

        def fresh(label: str) -> Path:
            home = Path(folder) / label
            shutil.copytree(origin, home, symlinks=True)
            return home

        def undisturbed(home: Path) -> dict[str, Any]:
            store = new_store(home)
            steps = watch_steps(0)
            run(store)
            taken = list(steps)
            return {"steps": taken, **snapshot(store)}

        def killed(home: Path, step: int) -> None:
            store = new_store(home)
            watch_steps(step)
            run(store)

        def again(home: Path) -> dict[str, Any]:
            store = new_store(home)
            run(store)
            return snapshot(store)

        code, expected = in_child(lambda: undisturbed(fresh("undisturbed")))
        assert code == 0
        steps, differing = expected.pop("steps"), []
        for step in ends_of_series(steps):
            home = fresh(f"home-{step}")
            code, _ = in_child(lambda home=home, step=step: killed(home, step))
            assert code == 137, f"step {step} was not reached"
            code, found = in_child(lambda home=home: again(home))
            if code != 0 or found != expected:
                differing.append({"step": step, "code": code, "difference": difference(expected, found)})
    return {"scenario": name, "trials": len(ends_of_series(steps)), "differing": differing}


def difference(expected: dict[str, Any], found: dict[str, Any] | None) -> Any:
    if found is None:
        return "failed"
    files = expected["files"].keys() | found["files"].keys()
    wrong = {f: [expected["files"].get(f), found["files"].get(f)] for f in sorted(files)
             if expected["files"].get(f) != found["files"].get(f)}  # fmt: skip
    ledger = [pair for pair in zip(expected["ledger"], found["ledger"], strict=False) if pair[0] != pair[1]]
    return {"files": wrong, "ledger": ledger[:1], "entries": [len(expected["ledger"]), len(found["ledger"])]}


if __name__ == "__main__":
    os.umask(0o022)
    print(json.dumps([try_all(name) for name in sys.argv[1:] or SCENARIOS], ensure_ascii=False, indent=1))
