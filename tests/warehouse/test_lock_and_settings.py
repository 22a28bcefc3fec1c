"""The lock, the settings, the code version and the folders of a home."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from tests.conftest import PROJECT_DIR
from warehouse.code_version import RULES, code_version
from warehouse.errors import LockHeld, StoreError
from warehouse.lock import holder, home_lock
from warehouse.paths import HomePaths, ensure_home
from warehouse.settings import Settings, load_settings

HOLD = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from warehouse.lock import home_lock
    from warehouse.paths import HomePaths
    with home_lock(HomePaths(Path(sys.argv[1]))):
        print("held", flush=True)
        time.sleep(60)
""")


@pytest.fixture
def other_run(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_told_who_holds_the_lock_and_what_to_do(tmp_path, other_run):
    with pytest.raises(LockHeld, match=f"process {other_run.pid}.*--wait") as caught, home_lock(HomePaths(tmp_path)):
        pass
    assert caught.value.pid == other_run.pid
    assert f"tiến trình {other_run.pid}" in caught.value.vi


def test_a_killed_run_frees_the_lock_and_a_waiting_one_gets_it(tmp_path, other_run):
    os.kill(other_run.pid, signal.SIGKILL)
    started = time.monotonic()
    with home_lock(HomePaths(tmp_path), wait_seconds=10):
        assert holder(HomePaths(tmp_path)) == os.getpid()
    assert time.monotonic() - started < 5


def test_the_lock_can_be_entered_again_in_the_same_process_and_ends_with_the_outer_one(tmp_path):
    paths = HomePaths(tmp_path)
    with home_lock(paths):
        with home_lock(paths):
            pass
        refused = subprocess.run([sys.executable, "-c", HOLD, tmp_path], capture_output=True, text=True)
        assert f"process {os.getpid()}" in refused.stderr
    assert holder(paths) is None


def test_a_new_home_gets_a_settings_file_that_explains_everything_and_changes_nothing(tmp_path):
    paths = HomePaths(tmp_path / "home")
    ensure_home(paths)
    text = paths.settings_file.read_text(encoding="utf-8")
    assert load_settings(paths.home, {}) == Settings()
    assert "SOTINH_LEDGER_URL" in text
    settings = re.findall(r"^# (.{30,})\n# (\w+) = ", text, flags=re.MULTILINE)
    assert [name for _, name in settings] == [name for name in vars(Settings()) if name != "ledger_url"]
    paths.settings_file.write_text(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE), encoding="utf-8")
    assert load_settings(paths.home, {}) == Settings()  # the defaults shown are the defaults


def test_the_table_of_settings_in_the_documentation_is_that_of_the_code(tmp_path):
    ensure_home(HomePaths(tmp_path / "home"))
    text = (tmp_path / "home" / "sotinh.toml").read_text(encoding="utf-8")
    explained = re.findall(r"^# (.{30,})\n# (\w+) = (.*)$", text, flags=re.MULTILINE)
    documented = (PROJECT_DIR / "deploy" / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \| `(.*?)` \| (.*) \|$", documented, flags=re.MULTILINE)
    assert table == [(name, default, meaning) for meaning, name, default in explained]


def test_a_settings_file_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "sotinh.toml").write_text("settle_seconds = 0")
    ensure_home(HomePaths(tmp_path))
    assert (tmp_path / "sotinh.toml").read_text() == "settle_seconds = 0"


def test_settings_come_from_the_file_and_the_ledgers_address_from_the_environment(tmp_path):
    (tmp_path / "sotinh.toml").write_text(
        'settle_seconds = 0\ninboxes = ["s3://a/b"]\nrow_count_drop_tolerance = 1\nlanguage = "en"\n'
    )
    settings = load_settings(tmp_path, {"SOTINH_LEDGER_URL": "postgresql://x"})
    assert (settings.settle_seconds, settings.language, settings.ledger_url) == (0, "en", "postgresql://x")
    assert settings.inboxes == ("s3://a/b",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keep_release = 3", "Did you mean `keep_releases`"),
        ("zzz = 3", "Known settings: settle_seconds"),
        ("keep_releases = '3'", "must be a whole number"),
        ("keep_releases = true", "must be a whole number"),
        ("keep_releases = 0", "out of range"),
        ("keep_logs = 0", "out of range"),
        ("log_megabytes = 0", "out of range"),
        ("keep_runs_days = 0", "out of range"),
        ('memory_limit = "a lot"', "out of range"),
        ('language = "fr"', "out of range"),
        ("keep_releases =", "cannot be read"),
        ("inboxes = 'sftp://u:secret@h/'", "must be a list of texts"),
        ("inboxes = [1]", "must be a list of texts"),
        ("remote_attempts = 0", "out of range"),
        ('ledger_url = "postgresql://u:secret@h"', "environment variable SOTINH_LEDGER_URL"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(tmp_path, text, message):
    (tmp_path / "sotinh.toml").write_text(text)
    with pytest.raises(StoreError) as caught:
        load_settings(tmp_path, {})
    assert message in caught.value.en
    assert "secret" not in caught.value.en + caught.value.vi


def test_folders_that_may_hold_personal_data_are_private(tmp_path):
    paths = HomePaths(tmp_path / "home")
    ensure_home(paths)
    paths.inbox.chmod(0o770)  # the administrator lets the SFTP group in
    ensure_home(paths)
    assert paths.inbox.stat().st_mode & 0o777 == 0o770
    private = (paths.landing, paths.staged, paths.lake, paths.build)
    assert {folder.stat().st_mode & 0o777 for folder in private} == {0o700}
    assert paths.releases.is_dir()


def test_a_home_that_cannot_be_made_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="making the home folder"):
        ensure_home(HomePaths(tmp_path / "file" / "home"))


def test_the_code_version_follows_code_seeds_overlay_and_pinned_packages_and_nothing_else(tmp_path):
    project, overlay = tmp_path / "project", tmp_path / "home" / "sources"
    (project / "ingestion").mkdir(parents=True)
    (project / "ingestion" / "read.py").write_text("x = 1")
    before = code_version(project, [overlay])
    (project / "ingestion" / "__pycache__").mkdir()
    (project / "ingestion" / "__pycache__" / "read.py").write_text("y")
    (project / "ingestion" / "notes.md").write_text("words")
    (project / "tests").mkdir()
    (project / "tests" / "test.py").write_text("z")
    assert code_version(project, [overlay]) == before
    overlay.mkdir(parents=True)
    (overlay / "new.yml").write_text("source_id: new")
    with_overlay = code_version(project, [overlay])
    (project / "ingestion" / "read.py").write_text("x = 2")
    changed = code_version(project, [overlay])
    (project / "requirements.lock").write_text("duckdb==1.5.5")
    assert len({before, with_overlay, changed, code_version(project, [overlay])}) == 4


def test_the_code_version_changes_with_a_file_of_the_home_too(tmp_path):
    register = tmp_path / "corrections.yml"
    before = code_version(tmp_path / "project", [register])
    register.write_text("- id: a\n")
    written = code_version(tmp_path / "project", [register])
    register.write_text("- id: b\n")
    assert len({before, written, code_version(tmp_path / "project", [register])}) == 3


def test_the_version_of_the_code_alone_does_not_follow_seeds_sources_and_corrections(tmp_path):
    def write(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        return code_version(tmp_path, left_out=RULES)

    before = write("ingestion/read.py", "x = 1")
    rules = ("dbt_project/seeds/units.csv", "ingestion/sources/gso.yml", "ingestion/corrections.yml")
    assert {write(name, "a") for name in rules} == {before}
    assert write("ingestion/fields.yml", "a") != before
