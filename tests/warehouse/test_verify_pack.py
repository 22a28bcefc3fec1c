"""The audit pack: whatever is changed in it, the verifier names it; what only the root finds out is said here too."""

import ast
import hashlib
import json
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.packs import (
    ANCHORS,
    APPROVED,
    CHAIN,
    DISCARDED,
    EFFORTS,
    NEXT_HASH,
    NOTHING_MORE,
    RECORDS,
    WAIVED,
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
    stored_again,
)
from warehouse import verify_pack as form
from warehouse.verify_pack import verify

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packs")]


@pytest.fixture(scope="module")
def case(faulty_night, tmp_path_factory):
    return audited(faulty_night[0], tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def small(faulty_night, tmp_path_factory):
    """The same without the tables of the star, for what is packed again many times."""
    return audited(faulty_night[0], tmp_path_factory.mktemp("small"), outputs=False)


@pytest.fixture(scope="module")
def members(small):
    return contents(small.path)


def items(report):
    return [fault.item for fault in report.faults]


def test_an_untouched_pack_is_right_and_has_the_root_its_author_printed(case):
    report = verify(str(case.path), case.root)
    assert (report.faults, report.notes, report.root) == ([], [], case.root)


def test_a_pack_without_outputs_is_right_and_says_which_tables_it_lacks(small):
    report = verify(str(small.path), small.root)
    assert report.faults == []
    assert "outputs/fct_indicator_values.ndjson" in [note.item for note in report.notes]
    assert not [note for note in report.notes if "audit_" in note.item]


def test_the_content_hash_of_the_release_follows_from_the_tables_in_the_pack(case):
    full = contents(case.path)
    told = json.loads(full["release/manifest.json"])
    tables = {Path(name).stem: content for name, content in full.items() if name.startswith("outputs/")}
    hashes = {table: form.table_hash(content.splitlines())[0] for table, content in tables.items()}
    assert hashes == told["table_hashes"]
    whole = "".join(f"{table}\0{hashes[table]}\n" for table in sorted(hashes))
    assert hashlib.sha256(whole.encode()).hexdigest() == told["content_hash"]


def test_the_pack_says_every_load_check_decision_and_refused_row(members):
    loads = [json.loads(line) for line in members["loads.ndjson"].splitlines()]
    assert {"accepted", "failed"} < {load["verdict"] for load in loads}
    assert all(load["file_sha256"] and load["file_hashes"] for load in loads if load["verdict"] == "accepted")
    checks = [json.loads(line) for line in members["checks.ndjson"].splitlines()]
    assert {check["success"] for check in checks} == {True, False}
    decisions = [json.loads(line)["subject_id"] for line in members["decisions.ndjson"].splitlines()]
    assert decisions == [WAIVED, DISCARDED, APPROVED]
    refused = members["outputs/audit_rejected_rows.ndjson"].count(b"\n") - 1
    assert refused == sum(load["rows_rejected"] for load in loads) > 0
    for name in ("requirements.lock", "expectations/suites/subscribers.yml", "ingestion/sources/viettel.yml"):
        assert members[f"code/{name}"]


def test_the_verifier_runs_alone_from_the_pack_without_anything_of_ours(case, members, tmp_path):
    alone = tmp_path / "verify_pack.py"
    alone.write_bytes(members["verify_pack.py"])
    command = [sys.executable, "-I", "-S", str(alone), str(case.path), "--expect"]
    right = subprocess.run([*command, case.root], capture_output=True, text=True, cwd=tmp_path)
    assert (right.returncode, right.stdout.splitlines()[0]) == (0, f"root {case.root}"), right.stderr
    wrong = subprocess.run([*command, "0" * 64, "--json"], capture_output=True, text=True, cwd=tmp_path)
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["faults"][0][0] == "root"
    assert subprocess.run([*command[:4], "none.zip"], capture_output=True, cwd=tmp_path).returncode == 2


def test_the_verifier_is_of_python_3_9_and_imports_the_standard_library_alone():
    tree = ast.parse(Path(form.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


def test_the_same_release_gives_the_same_bytes(small, members, tmp_path):
    assert pack_of(dict(reversed(members.items())), tmp_path / "again.zip").read_bytes() == small.path.read_bytes()


def test_any_flipped_byte_is_found_and_its_member_named(case):
    rng = random.Random(20261122)
    every = list(flips(case.path, rng))
    chosen = [*rng.sample(every[:-22], 160), *every[-22:]]
    unnamed = [flip for flip in chosen if not names_one(flipped(case.path, flip), flip.named)]
    assert unnamed == []
    assert verify(str(case.path), case.root).faults == []


@pytest.mark.parametrize("field", ["sha256", "packed_sha256", "bytes", "packed_bytes", "crc", "name"])
def test_a_list_that_was_changed_and_fits_its_own_header_is_found(case, tmp_path, field):
    raw = raw_members(case.path)
    member, _ = raw[40]
    value = getattr(member, field)
    changed = value + 1 if isinstance(value, int) else ("0" if value[0] != "0" else "1") + value[1:]
    listed = [m._replace(**{field: changed}) if m == member else m for m, _ in raw]
    text = form.list_of(listed)
    report = verify(str(raw_zip(raw, text, tmp_path / "pack.zip")))
    assert names_one(report, (member.name, str(changed), form.LIST))


@pytest.mark.parametrize("change", ["dropped", "moved", "twice", "added", "other content"])
@pytest.mark.parametrize("is_listed", [False, True])
def test_members_dropped_moved_doubled_added_or_replaced_in_the_zip_are_found(case, tmp_path, change, is_listed):
    raw = raw_members(case.path)
    text = form.list_of([member for member, _ in raw])
    at = next(number for number, (member, _) in enumerate(raw) if member.name == "decisions.ndjson")
    stranger = stored_again(raw[at][0]._replace(name="decisions.txt"), b"x")
    made = {
        "dropped": [*raw[:at], *raw[at + 1 :]],
        "moved": [*raw[:at], raw[at + 1], raw[at], *raw[at + 2 :]],
        "twice": [*raw[: at + 1], *raw[at:]],
        "added": [*raw[: at + 1], stranger, *raw[at + 1 :]],
        "other content": [*raw[:at], stored_again(raw[at][0], b"{}\n"), *raw[at + 1 :]],
    }[change]
    if is_listed:
        text = form.list_of([member for member, _ in made])
    report = verify(str(raw_zip(made, text, tmp_path / "pack.zip")))
    assert names_one(report, ("decisions", raw[at + 1][0].name, form.LIST)), report


def test_bytes_before_between_or_behind_the_members_are_found(case, tmp_path):
    whole = case.path.read_bytes()
    start = struct.unpack("<L", whole[-6:-2])[0]
    commented = whole[:-2] + struct.pack("<H", 5) + b"chuot"
    for made in (b"#!" + whole, whole[:start] + b"x" + whole[start:], whole + b"\0", commented, whole[:-1], b""):
        (tmp_path / "pack.zip").write_bytes(made)
        assert verify(str(tmp_path / "pack.zip")).faults


@pytest.mark.parametrize("name", ["pack.json", "ledger.ndjson", "code/ingestion/read.py", "outputs/audit_loads.ndjson"])
@pytest.mark.parametrize("change", ["dropped", "a line less"])
def test_what_is_left_out_of_a_pack_with_a_list_that_fits_is_found(members, tmp_path, name, change):
    short = b"".join(members[name].splitlines(keepends=True)[:-1])
    made = {**members, name: short}
    if change == "dropped":
        del made[name]
    report = verify(str(pack_of(made, tmp_path / "pack.zip")))
    wanted = "pack.json" if name.startswith("code/") else name  # which tells the hash of all code
    assert names_one(report, (wanted,)), report


def test_every_record_of_loads_checks_and_decisions_is_what_the_ledger_says(members, tmp_path):
    rng = random.Random(7)
    for name in ("loads.ndjson", "checks.ndjson", "decisions.ndjson"):
        lines = members[name].splitlines()
        for _ in range(2):
            at = rng.randrange(len(lines))
            record = json.loads(lines[at])
            field = rng.choice([field for field in record if field not in ("entry_no", "load_id", "subject_id")])
            changed = [*lines[:at], form.canonical({**record, field: "khác"}).encode(), *lines[at + 1 :]]
            report = verify(str(pack_of({**members, name: b"\n".join([*changed, b""])}, tmp_path / "pack.zip")))
            assert any(item.startswith(f"{name}: {record['entry_no']} ") for item in items(report)), (field, report)


@pytest.mark.parametrize("change", ["dropped", "moved", "replaced"])
@pytest.mark.parametrize("at", [3, 54, 56])
def test_an_entry_of_the_ledger_dropped_moved_or_replaced_is_named(members, tmp_path, change, at):
    def made(lines):
        if change == "dropped":
            del lines[at - 1]
        elif change == "moved":
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
        else:
            lines[at - 1][5] = lines[at][5]

    report = verify(str(pack_of(forged(members, made, NOTHING_MORE), tmp_path / "pack.zip")))
    assert any(item.startswith(f"ledger.ndjson: entry {at}") for item in items(report)), report


# what finds a decision whose words were changed, by how far its author went; None: only the root does
FOUND_BY = {
    (WAIVED, NOTHING_MORE): WAIVED,
    (WAIVED, NEXT_HASH): WAIVED,
    (WAIVED, CHAIN): WAIVED,
    (WAIVED, RECORDS): "the anchor",  # what the release wrote down of the ledger it was made from
    (WAIVED, ANCHORS): None,
    (APPROVED, NOTHING_MORE): APPROVED,
    (APPROVED, NEXT_HASH): APPROVED,
    (APPROVED, CHAIN): APPROVED,
    (APPROVED, RECORDS): None,  # it stands behind that entry: the next release would find it out
    (APPROVED, ANCHORS): None,
}


@pytest.mark.parametrize(
    ("subject", "effort"), FOUND_BY, ids=lambda value: EFFORTS[value] if value in range(5) else value
)
def test_another_waiver_or_approval_is_found_and_only_a_pack_made_up_as_a_whole_needs_the_root(
    small, members, tmp_path, subject, effort
):
    path = str(pack_of(forged(members, another_reason(subject), effort), tmp_path / "pack.zip"))
    anchor = f"ledger.ndjson: entry {json.loads(members['pack.json'])['ledger_entry']}"
    found_by = {"the anchor": anchor}.get(FOUND_BY[subject, effort], FOUND_BY[subject, effort])
    report = verify(path, small.root)
    assert [item for item in items(report) if found_by in item] if found_by else items(report) == ["root"]
    assert items(report)[-1] == "root"


def test_a_table_with_another_value_is_found_whatever_the_hashes_around_it(members, tmp_path):
    name = "outputs/audit_rejected_rows.ndjson"
    made = {**members, name: members[name].replace(b'"viettel"', b'"vnpt"', 1)}
    assert items(verify(str(pack_of(made, tmp_path / "pack.zip")))) == [name]
