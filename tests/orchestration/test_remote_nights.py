"""Whole nights on inboxes of other machines, by the command: the same content, the same quiet, one fault each told."""

import json
import shutil
from pathlib import Path

import pytest

from ingestion.sample import write_sample
from tests.orchestration.test_nights import content_hash
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("servers")]


@pytest.fixture(scope="module")
def remote_home(tmp_path_factory, sftp_server, s3_server, sotinh):
    """A home and its night: the sample lies half on an SFTP and half on an S3 server; a third server is not there."""
    folder = tmp_path_factory.mktemp("remote")
    write_sample(folder / "sample")
    sources = sorted((folder / "sample").iterdir())
    for source in sources[::2]:
        shutil.copytree(source, folder / "sftp" / source.name)
    for source in sources[1::2]:
        shutil.copytree(source, folder / "s3" / source.name)
    s3_server.upload(folder / "s3", s3_server.bucket("provinces"), "inbox")
    home = folder / "home"
    home.mkdir()
    set_inboxes(home, sftp_server.url(folder / "sftp"), "s3://provinces/inbox", dead_url())
    night = sotinh(home, "nightly", "--json", **sftp_server.variables, **s3_server.variables)
    return home, night


def dead_url() -> str:
    return f"sftp://127.0.0.1:{free_port()}/inbox"


def set_inboxes(home: Path, *urls: str) -> None:
    waits = "settle_seconds = 0\nremote_attempts = 2\nremote_first_wait_seconds = 0\n"
    (home / "sotinh.toml").write_text(f"{waits}inboxes = {json.dumps(urls)}\n", encoding="utf-8")


@pytest.fixture
def home(remote_home, tmp_path) -> Path:
    return Path(shutil.copytree(remote_home[0], tmp_path / "home", symlinks=True))


@pytest.fixture
def nightly(sotinh, sftp_server, s3_server):
    def run(home, *arguments):
        night = sotinh(home, "nightly", "--json", *arguments, **sftp_server.variables, **s3_server.variables)
        assert night.stdout.startswith("{"), night.stderr
        return night.returncode, json.loads(night.stdout)

    return run


def test_the_same_files_from_sftp_and_s3_give_the_same_content_as_from_a_folder(remote_home, first_night):
    home, night = remote_home
    assert json.loads(night.stdout)["outcome"] == "published", night.stdout[-3000:] + night.stderr[-3000:]
    assert content_hash(home) == content_hash(first_night)
    assert list((home / "inbox").iterdir()) == []


def test_a_server_out_of_reach_does_not_stop_the_night_and_is_told(remote_home):
    home, night = remote_home
    told = json.loads(night.stdout)
    assert night.returncode == 3
    (missing,) = told["out_of_reach"]
    dead = json.loads((home / "sotinh.toml").read_text().split("inboxes = ")[1])[2]
    assert missing["inbox"] == dead
    assert "Connection refused" in missing["reason_en"] or "Unable to connect" in missing["reason_en"]
    assert f"Not read: {dead}: Out of reach" in told["message_en"]
    assert f"Chưa đọc được {dead}: Không truy cập được" in told["message_vi"]
    (log,) = (home / "logs").glob("*.jsonl")
    assert "attempt 1 failed" in log.read_text(encoding="utf-8")


def test_secrets_are_written_nowhere(remote_home, s3_server):
    secret = s3_server.variables["AWS_SECRET_ACCESS_KEY"].encode()
    home, night = remote_home
    assert secret not in night.stdout.encode() + night.stderr.encode()
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if secret in path.read_bytes()] == []


def test_the_next_night_fetches_nothing_and_tells_what_is_still_out_of_reach(home, nightly, sftp_server, s3_server):
    before = (sftp_server.opened(), [path for method, path in s3_server.requests if path.startswith("/provinces/")])
    code, night = nightly(home)
    assert (code, night["outcome"], len(night["out_of_reach"])) == (3, "quiet", 1)
    set_inboxes(home, *json.loads((home / "sotinh.toml").read_text().split("inboxes = ")[1])[:2])
    code, night = nightly(home)
    assert (code, night["outcome"], night["out_of_reach"]) == (0, "quiet", [])
    after = (sftp_server.opened(), [path for method, path in s3_server.requests if path.startswith("/provinces/")])
    assert after == before


@pytest.mark.parametrize("has_release", [True, False])
def test_a_night_that_can_read_no_inbox_at_all_has_failed(home, nightly, has_release, tmp_path):
    home = home if has_release else tmp_path / "new"
    code, night = nightly(home, "--inbox", dead_url())
    assert (code, night["outcome"], len(night["out_of_reach"])) == (1, "failed", 1)
    assert night["message_en"].startswith("No inbox could be read. Not read: sftp://127.0.0.1:")
    assert (home / "current").exists() == has_release


def test_an_url_with_a_password_is_refused_without_repeating_it(home, sotinh):
    refused = sotinh(home, "nightly", "--inbox", "sftp://user:hunter2@host/inbox")
    assert refused.returncode == 2
    assert "SOTINH_SFTP_PASSWORD" in refused.stderr
    set_inboxes(home, "sftp://user:hunter2@host/inbox")
    in_settings = sotinh(home, "nightly")
    assert in_settings.returncode == 1
    assert "SOTINH_SFTP_PASSWORD" in in_settings.stderr
    assert "hunter2" not in refused.stderr + in_settings.stderr + in_settings.stdout


def test_status_tells_which_inbox_can_be_read(home, sotinh, sftp_server, s3_server):
    state = json.loads(sotinh(home, "status", "--json", **sftp_server.variables, **s3_server.variables).stdout)
    told = {row["inbox"].partition(":")[0]: (row["waiting"], row["reason"]) for row in state["inboxes"][:3]}
    assert told == {str(home / "inbox"): (0, None), "sftp": (0, None), "s3": (0, None)}
    assert state["inboxes"][3]["reason"].startswith("Không truy cập được")


def test_the_sensor_sees_files_on_a_server_and_skips_one_out_of_reach(home, sftp_server, tmp_path, monkeypatch):
    import dagster as dg

    from orchestration.schedules import inbox_sensor, remote_inboxes_sensor

    for name, value in {**sftp_server.variables, "SOTINH_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "sent" / "viettel").mkdir(parents=True)
    dead = dead_url()
    set_inboxes(home, sftp_server.url(tmp_path / "sent"), dead)
    context = dg.build_sensor_context()
    assert dead in remote_inboxes_sensor(context).skip_message
    (tmp_path / "sent" / "viettel" / "viettel_2022-11.xlsx").write_bytes(b"anything new")
    first, second = remote_inboxes_sensor(context), remote_inboxes_sensor(context)
    assert first.run_key == second.run_key
    assert isinstance(inbox_sensor(context), dg.SkipReason)  # asks folders of this machine only
