"""A dossier log from the inbox to the inputs of dbt, without Dagster."""

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.home import Home, open_home
from orchestration.loading import load_source
from orchestration.log_loading import dossier_words
from tests.warehouse.store import NO_PROMISES
from warehouse.export import export_inputs
from warehouse.landing import receive
from warehouse.ledger import last_entry_no

pytestmark = pytest.mark.slow

NOW = datetime(2022, 10, 5, 3, 0, tzinfo=UTC)
SOURCE = "dvc_tinh_mo_phong"
PERSON = ("Nguyễn Thị Bưởi", "0987654321")


def line(number: int, **changes: str) -> dict[str, str]:
    return {
        "MaHoSo": f"000.00.17.H56-220901-{number:04}",
        "MaTTHC": "1.004194.000.00.00.H56",
        "ChuHoSo": PERSON[0],
        "SoDienThoai": PERSON[1],
        "KenhThucHien": "2",
        "MucDo": "4",
        "TrangThaiHoSo": "9",
        "NgayNopHoSo": "01/09/2022 08:30:00",
        "NgayTiepNhan": "01/09/2022 14:00:00",
        "NgayHenTra": "20/09/2022 00:00:00",
        "NgayKetThucXuLy": "19/09/2022 10:00:00",
        "NgayTra": "",
        "ThoiDiemCapNhat": "19/09/2022 10:00:00",
        "LanCapNhat": "2",
        "LePhi": "50000",
        "ThanhToanTrucTuyen": "Đã thanh toán",
        "HoSoCoThanhPhanSoHoa": "1",
        "MaLinhVuc": "LV01",
        **changes,
    }


def send(home: Home, name: str, *lines: dict[str, str]) -> None:
    folder = home.paths.inbox / SOURCE
    folder.mkdir(exist_ok=True)
    with gzip.open(folder / name, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(line(0)))
        writer.writeheader()
        writer.writerows(lines)


def night(home: Home) -> list[dict]:
    receive(home.paths, home.ledger, home.settings, home.source_ids, NOW, home.inboxes)
    return [dict(record.payload) for record in load_source(home, home.sources[SOURCE], NOW, "run-1")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "sotinh.toml").write_text("settle_seconds = 0\n", encoding="utf-8")
    return open_home(tmp_path / "home")


def test_a_log_is_read_judged_and_settled_once(home: Home) -> None:
    open_state = {
        "TrangThaiHoSo": "4",
        "NgayKetThucXuLy": "",
        "ThoiDiemCapNhat": "05/08/2022 10:00:00",
        "LanCapNhat": "1",
    }
    earlier = {"NgayNopHoSo": "01/08/2022 08:30:00", "NgayTiepNhan": "01/08/2022 14:00:00"}
    lines = [line(number) for number in range(40)]
    lines.append(line(1, **earlier, **open_state))
    lines.append(line(90, NgayKetThucXuLy="31/08/2022 00:00:00"))  # before it came: rejected by validation
    lines.append(line(91, ThoiDiemCapNhat="hôm qua"))  # no time: rejected by the reader
    send(home, "2022-09.csv.gz", *lines)
    (load,) = night(home)
    assert [load[name] for name in ("verdict", "rows_read", "rows_accepted", "rows_rejected", "rows_superseded")] == [
        "accepted_with_warnings", 43, 40, 2, 1,
    ]  # fmt: skip
    assert [name.split("/")[2] for name in load["lake_files"]] == ["month=2022-08", "month=2022-09"]
    assert night(home) == []

    export_inputs(home.paths, home.ledger, last_entry_no(home.ledger), home.sources, NO_PROMISES, NOW)
    with duckdb.connect(home.paths.inputs_db, read_only=True) as inputs:
        months = inputs.execute("select dossier_month, count(*) from transactions group by 1 order by 1").fetchall()
        rejected = inputs.execute("select cell, reason_code from rejected_rows order by row_no").fetchall()
    assert months == [("2022-08", 1), ("2022-09", 39)]
    assert rejected == [("L43", "finished_before_received"), ("L44", "unreadable_date")]


def test_the_same_dossier_has_one_key_in_this_home_and_another_in_the_next(home: Home, tmp_path: Path) -> None:
    send(home, "a.csv.gz", line(1))
    send(home, "b.csv.gz", line(1, TrangThaiHoSo="10"))
    night(home)
    other = open_home(tmp_path / "other")
    keys = duckdb.sql(f"select distinct dossier_key from '{home.paths.lake}/transactions/*/*.parquet'").fetchall()
    assert len(keys) == 1
    assert home.dossier_key != other.dossier_key
    assert open_home(home.paths.home).dossier_key == home.dossier_key


def test_a_file_that_is_no_log_fails_with_its_reason_and_leaves_nothing_staged(home: Home) -> None:
    folder = home.paths.inbox / SOURCE
    folder.mkdir()
    (folder / "a.csv.gz").write_bytes(gzip.compress(b"A,B\n1,2\n" * 100)[:-9])
    (load,) = night(home)
    assert (load["verdict"], load["rows_read"]) == ("failed", 0)
    assert list(home.paths.staged.iterdir()) == []


def test_persons_are_found_nowhere_but_in_landing(home: Home) -> None:
    shifted = line(2, TrangThaiHoSo=PERSON[0], MucDo=PERSON[1])
    send(home, "a.csv.gz", *(line(number) for number in range(10, 40)), shifted)
    night(home)
    export_inputs(home.paths, home.ledger, last_entry_no(home.ledger), home.sources, NO_PROMISES, NOW)
    stored = [path for path in home.paths.home.rglob("*") if path.is_file() and home.paths.landing not in path.parents]
    assert len(stored) > 5
    for path in stored:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += str(duckdb.sql(f"from '{path}'").fetchall()).encode()
        assert not any(text.encode() in content for text in PERSON), path


def test_the_vocabularies_are_those_of_the_seeds_and_of_the_home(home: Home) -> None:
    (home.paths.seeds / "dossier_states.csv").write_text("state,name_vi,name_en,stage\n11,Lưu trữ,Archived,resolved\n")
    words = dossier_words(home)
    assert words.states_of("resolved") == ("10", "11", "9")
    assert (words.online_channels, words.offline_service_levels) == (["2"], ["2"])
