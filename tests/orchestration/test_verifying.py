"""`sotinh verify` and `sotinh audit-pack` on a real night: what is right, what is wrong, and what is left alone."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from orchestration.home import open_home
from orchestration.verifying import verify_home
from tests.conftest import PROJECT_DIR, run_sotinh
from warehouse.errors import StoreError
from warehouse.ledger import entries, last_entry_no
from warehouse.verify_home import FAULT, NOT_CHECKABLE, OK

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("verifying")]


@pytest.fixture
def home(faulty_night, tmp_path):
    """A copy of its own of a home after a night with faults."""
    shutil.copytree(faulty_night[0], tmp_path / "home", symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    return open_home(tmp_path / "home")


def files_of(folder):
    found = [path for path in folder.rglob("*") if path.is_file() and "logs" not in path.parts]
    return {path: path.stat().st_mtime_ns for path in found}


def edit_figure(path):
    """Another figure in a file of the lake, as many rows as before."""
    with duckdb.connect() as connection:
        connection.execute(f"create table edited as from read_parquet('{path}')")
        connection.execute("update edited set value = value + 1 where row_no = (select min(row_no) from edited)")
        connection.execute(f"copy edited to '{path}' (format parquet)")


def lake_file(home, source_id):
    (load,) = [e for e in entries(home.ledger, "load", subject_prefix=f"{source_id}/") if e.payload["lake_files"]][:1]
    return load.payload["lake_files"][0]


def test_the_release_is_made_again_from_landing_and_a_lake_that_says_otherwise_is_named(home):
    name = lake_file(home, "bo_tttt_dti")
    edit_figure(home.paths.home / name)
    before, entry_no = files_of(home.paths.home), last_entry_no(home.ledger)
    verified = verify_home(home)
    found = {check.check: {finding.item: finding.status for finding in check.findings} for check in verified.checks}
    assert found == {
        **dict.fromkeys(("chain", "balances", "landing", "releases"), {}),
        "lake": {name: FAULT},
        "rebuild": {name: FAULT},  # yet the content is that of the release: it was made from landing
    }
    assert "from landing" in verified.checks[-1].told_en
    assert not verified.is_right
    assert (files_of(home.paths.home), last_entry_no(home.ledger)) == (before, entry_no)


def test_after_a_purge_of_landing_the_release_is_made_again_from_the_lake(home):
    for path in (home.paths.landing / "viettel").iterdir():
        path.unlink()
    verified = verify_home(home)
    status = {check.check: check.status for check in verified.checks}
    expected = {"landing": NOT_CHECKABLE, "rebuild": NOT_CHECKABLE}
    assert status == {**dict.fromkeys(("chain", "balances", "lake", "releases"), OK), **expected}
    assert "from lake" in verified.checks[-1].told_en
    assert [finding.item for finding in verified.checks[-1].findings] == ["landing"]
    assert verified.is_right


def test_the_command_tells_every_check_and_ends_with_1_when_something_is_wrong(home):
    folder = home.paths.home
    right = run_sotinh(folder, "verify", "--quick", "--json")
    assert (right.returncode, json.loads(right.stdout)["is_right"]) == (0, True)
    landed = next(path for path in (home.paths.landing / "vnpt").iterdir())
    landed.chmod(0o600)
    landed.write_bytes(b"x")
    wrong = run_sotinh(folder, "verify", "--quick")
    assert (wrong.returncode, "LỖI" in wrong.stdout, "khác với lúc nhận" in wrong.stdout) == (1, True, True)
    unknown = run_sotinh(folder, "verify", "--release", "20200101T000000Z-00000000")
    assert (unknown.returncode, "Chưa từng công bố" in unknown.stderr) == (1, True)


def test_the_command_writes_a_pack_that_its_own_verifier_finds_right_and_the_root_beside_it(home, tmp_path):
    target = tmp_path / "gói kiểm toán.zip"
    told = run_sotinh(home.paths.home, "audit-pack", "current", "--to", str(target), "--write-root", "--json")
    packed = json.loads(told.stdout)
    assert (packed["file"], packed["bytes"], packed["notes"]) == (str(target), target.stat().st_size, [])
    root = Path(f"{target}.root").read_text(encoding="utf-8").split()[0]
    assert root == packed["root"]
    with zipfile.ZipFile(target) as pack:
        assert pack.testzip() is None
        pack.extract("verify_pack.py", tmp_path)
    command = [sys.executable, "-I", str(tmp_path / "verify_pack.py"), str(target), "--expect", root]
    assert subprocess.run(command, capture_output=True, cwd=tmp_path).returncode == 0
    on_its_own = [sys.executable, "-m", "warehouse.verify_pack", str(target), "--expect", root]
    assert subprocess.run(on_its_own, capture_output=True, cwd=PROJECT_DIR).returncode == 0


def test_of_a_release_that_is_not_what_was_published_no_pack_is_made(home, tmp_path):
    (folder,) = home.paths.releases.iterdir()
    manifest = folder / "manifest.json"
    folder.chmod(0o755)
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("viettel", "vnpt"), encoding="utf-8")
    from orchestration.audit_packing import make_pack

    with pytest.raises(StoreError, match=r"not what was published \(.*manifest.json\)"):
        make_pack(home, folder.name, tmp_path / "pack.zip")
    assert not (tmp_path / "pack.zip").exists()
