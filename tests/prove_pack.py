"""Change an audit pack of a real night in thousands of ways, and count how often the verifier names what was changed.

`make prove-pack`; about four minutes of CPU time. Bytes: some of every header, every member and every entry of the
zip's directory, and each of its end. Ledger: every entry dropped, moved and changed, and every decision changed, with
as much recomputed as its author pleases. What is left to the root is counted apart: a pack made up anew as a whole.
"""

import json
import random
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from orchestration.audit_packing import make_pack
from orchestration.home import open_home
from tests.conftest import run_sotinh
from tests.warehouse.packs import (
    ANCHORS,
    APPROVED,
    DISCARDED,
    EFFORTS,
    NOTHING_MORE,
    WAIVED,
    Case,
    Change,
    Line,
    Members,
    another_reason,
    audited,
    contents,
    flipped,
    flips,
    forged,
    names_one,
    pack_of,
    raw_members,
    raw_zip,
)
from warehouse import verify_pack as form
from warehouse.files import remove_tree
from warehouse.releases import list_releases
from warehouse.verify_pack import verify

SEED, PER_PART = 20261122, 3
CODE_STEP = 12  # of the files of code, which are alike, only some are dropped from a list that fits

Tally = Counter[tuple[str, str]]


def flip_bytes(case: Case, tally: Tally) -> None:
    for flip in flips(case.path, random.Random(SEED), PER_PART):
        report = flipped(case.path, flip)
        _count(tally, "one byte flipped", bool(report.faults), names_one(report, flip.named))


def move_members(case: Case, path: Path, tally: Tally) -> None:
    """Drop each member, and swap it with the next; with the list as it was, and with one that fits."""
    raw = raw_members(case.path)
    text = form.list_of([member for member, _ in raw])
    for at, (member, _) in enumerate(raw):
        after = raw[at + 1][0].name if at + 1 < len(raw) else "zip"
        dropped = [*raw[:at], *raw[at + 1 :]]
        swapped = [*raw[:at], *reversed(raw[at : at + 2]), *raw[at + 2 :]]
        for made in (dropped, swapped) if after != "zip" else (dropped,):
            report = verify(str(raw_zip(made, text, path)))
            _count(tally, "member dropped or moved", bool(report.faults), names_one(report, (member.name, after)))
        if member.name.startswith(form.CODE) and at % CODE_STEP:
            continue
        listed = verify(str(raw_zip(dropped, form.list_of([m for m, _ in dropped]), path)))
        owner = "pack.json" if member.name.startswith(form.CODE) else member.name
        named = names_one(listed, (owner, member.name))
        _count(tally, "member dropped, list fits", bool(listed.faults), named)


def change_entries(members: Members, path: Path, tally: Tally) -> None:
    """Drop, move and change every entry of the ledger, with zip and list recomputed."""
    count = members[form.LEDGER].count(b"\n")
    for at in range(1, count + 1):
        for change in (_dropping(at), _moving(at), _ageing(at)) if at < count else (_dropping(at), _ageing(at)):
            report = verify(str(pack_of(forged(members, change, NOTHING_MORE), path)))
            named = names_one(report, (f"ledger.ndjson: entry {at}", "pack.json", f"ledger.ndjson: entry {at - 1} "))
            _count(tally, "entry dropped, moved or changed", bool(report.faults), named)


def change_decisions(members: Members, root: str, path: Path, tally: Tally) -> None:
    """Change each decision, with ever more recomputed."""
    anchor = f"ledger.ndjson: entry {json.loads(members[form.FACTS])['ledger_entry']}"
    for subject in (WAIVED, DISCARDED, APPROVED):
        for effort in range(NOTHING_MORE, ANCHORS + 1):
            made = str(pack_of(forged(members, another_reason(subject), effort), path))
            report, expected = verify(made), verify(made, root)
            kind = f"decision changed, recomputed: {EFFORTS[effort]}"
            if report.faults:
                _count(tally, kind, True, names_one(report, (subject, anchor)))
            else:
                _count(tally, f"{kind}: by --expect alone", bool(expected.faults), names_one(expected, ("root",)))


def pack_built_again(folder: Path, path: Path, tally: Tally) -> None:
    """Make the pack of a release whose files are gone: its tables are those that were published, its files are not."""
    home = open_home(folder)
    (release,) = list_releases(home.paths, home.ledger)
    remove_tree(home.paths.releases / release.release_id)
    packed = make_pack(home, release.release_id, path)
    report = verify(str(path), packed.root)
    says_so = json.loads(contents(path)[form.FACTS])["release_files"] == "built_again"
    _count(tally, "a release built again is right", not report.faults, says_so)


def _dropping(at: int) -> Change:
    def change(lines: list[Line]) -> None:
        del lines[at - 1]

    return change


def _moving(at: int) -> Change:
    def change(lines: list[Line]) -> None:
        lines[at - 1], lines[at] = lines[at], lines[at - 1]

    return change


def _ageing(at: int) -> Change:
    def change(lines: list[Line]) -> None:
        lines[at - 1][2] = "2020-01-01T00:00:00.000000Z"

    return change


def _count(tally: Tally, kind: str, is_found: bool, is_named: bool) -> None:
    tally[kind, "named" if is_found and is_named else "found, not named" if is_found else "MISSED"] += 1


def main() -> None:
    started = perf_counter()
    with TemporaryDirectory() as folder:
        home, path = Path(folder) / "home", Path(folder) / "changed.zip"
        for command in (("sample", "--with-faults"), ("nightly", "--json")):
            assert run_sotinh(home, *command).returncode in (0, 3)
        (Path(folder) / "full").mkdir()
        (Path(folder) / "small").mkdir()
        case, small = audited(home, Path(folder) / "full"), audited(home, Path(folder) / "small", outputs=False)
        right = verify(str(case.path), case.root)
        assert not right.faults and not right.notes, right
        print(f"{case.path.stat().st_size} bytes, root {case.root}, {perf_counter() - started:.0f} s", flush=True)
        tally: Tally = Counter()
        members = contents(small.path)
        flip_bytes(case, tally)
        move_members(small, path, tally)
        change_entries(members, path, tally)
        change_decisions(members, small.root, path, tally)
        pack_built_again(home, Path(folder) / "again.zip", tally)
    for (kind, outcome), count in sorted(tally.items()):
        print(f"{count:6} {outcome:18} {kind}")
    wrong = sum(count for (_, outcome), count in tally.items() if outcome != "named")
    print(f"{sum(tally.values())} changes, {wrong} not named, {perf_counter() - started:.0f} s")
    sys.exit(1 if wrong else None)


if __name__ == "__main__":
    main()
