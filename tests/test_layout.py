"""The rules of the house that a machine can see."""

import re
import subprocess
from pathlib import Path

import yaml

PROJECT_DIR = Path(__file__).resolve().parents[1]
TOP_LEVEL = {
    "orchestration", "dbt_project", "ingestion", "expectations", "warehouse", "tests", "deploy",
    "pyproject.toml", "requirements.lock", "Makefile", "LICENSE",
    "README.md", "CHANGELOG.md", "BENCHMARKS.md", "RELIABILITY.md",
}  # fmt: skip


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listing.splitlines()]


def test_the_top_level_holds_nothing_but_what_its_owner_fixed():
    found = {path.parts[0] for path in tracked_files()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_the_lock_file_names_no_registry_and_pins_every_package_with_hashes():
    lock = (PROJECT_DIR / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--find-links|file:", lock)
    pins = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 100
    assert all("==" in line and line.endswith("\\") for line in pins)


def test_only_orchestration_imports_dagster():
    offenders = [
        str(path)
        for path in tracked_files()
        if path.suffix == ".py"
        and path.parts[0] in {"ingestion", "expectations", "warehouse"}
        and re.search(r"^\s*(from|import) dagster", (PROJECT_DIR / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert offenders == []


def test_every_source_file_is_named_by_its_source_id():
    files = sorted((PROJECT_DIR / "ingestion" / "sources").glob("*.yml"))
    assert len(files) >= 9
    assert all(yaml.safe_load(file.read_text(encoding="utf-8"))["source_id"] == file.stem for file in files)


def test_every_shape_with_a_source_has_its_suite_and_its_staging_model():
    files = (PROJECT_DIR / "ingestion" / "sources").glob("*.yml")
    shapes = {yaml.safe_load(file.read_text(encoding="utf-8"))["shape"] for file in files}
    assert shapes
    for shape in shapes:
        assert (PROJECT_DIR / "expectations" / "suites" / f"{shape}.yml").exists()
        assert (PROJECT_DIR / "dbt_project" / "models" / "staging" / f"stg_{shape}.sql").exists()


def test_every_module_is_short_enough_to_read():
    limits = {"warehouse/verify_pack.py": 500}  # one file on purpose: an auditor takes it along alone
    long = {
        str(path): lines
        for path in tracked_files()
        if path.suffix == ".py"
        and (lines := len((PROJECT_DIR / path).read_text(encoding="utf-8").splitlines())) > limits.get(str(path), 400)
    }
    assert long == {}
