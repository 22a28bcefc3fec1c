from decimal import Decimal

import pytest

from ingestion.read import read_file
from ingestion.sample import write_sample
from ingestion.shapes import REJECTED_SCHEMA, ROW_SCHEMA
from ingestion.source import load_sources
from tests.ingestion.conftest import SOURCES_DIR
from tests.ingestion.sheets import column


@pytest.fixture(scope="module")
def sample(tmp_path_factory, reference):
    """Every sheet of the sample inbox, read: (source, file name) -> result."""
    sources = load_sources([SOURCES_DIR])
    paths = write_sample(tmp_path_factory.mktemp("inbox"))
    return {
        (path.parent.name, path.name): read_file(path, path.name, sources[path.parent.name], reference)
        for path in paths
        if sources[path.parent.name].shape != "transactions"
    }


def only(table, **wanted):
    rows = [row for row in table.to_pylist() if all(row[key] == value for key, value in wanted.items())]
    assert len(rows) == 1
    return rows[0]


def test_every_sheet_of_the_sample_is_read_whole(sample):
    assert len(sample) == 15
    for result in sample.values():
        assert result.rejected.num_rows == 0
        assert result.rows_read == result.rows.num_rows > 0
        assert result.rows.schema.equals(ROW_SCHEMA)
        assert result.rejected.schema.equals(REJECTED_SCHEMA)
        assert column(result.rows, "row_no") == list(range(1, result.rows_read + 1))


def test_an_operator_workbook_gives_every_province_every_measure_and_no_total(sample):
    for operator, measures in (("viettel", 11), ("vnpt", 11), ("mobifone", 9)):
        rows = sample[operator, f"{operator}_2022-09.xlsx"].rows
        assert rows.num_rows == 63 * measures
        assert set(column(rows, "boundary_set", "area_level", "period_id", "basis")) == {
            ("63", "province", "2022-09", "point")
        }
        assert len(set(column(rows, "province_id", "indicator_code", "breakdown"))) == rows.num_rows


def test_text_in_thousands_becomes_the_exact_count_and_stations_stay_stations(sample):
    rows = sample["mobifone", "mobifone_2022-09.xlsx"].rows
    mobile = only(rows, province_id="P63-26", indicator_code="tel_mobile_sub", breakdown="operator:mobifone")
    assert mobile["unit_text"] == "nghìn thuê bao"
    assert mobile["unit"] == mobile["catalogue_unit"] == "subscription"
    assert mobile["value"] == Decimal(mobile["value_text"].replace(".", "").replace(",", ""))
    stations = only(rows, province_id="P63-26", breakdown="operator:mobifone;technology:4g")
    assert (stations["unit"], stations["value"]) == ("station", Decimal(stations["value_text"]))


def test_the_facts_of_the_articles_stand_with_file_sheet_and_cell(sample):
    rows = sample["vinh_phuc_the_che_2022", "vinh_phuc_the_che_2022.csv"].rows
    wanted = {"tel_bb_fixed_sub": "225500", "tel_bb_mobile_sub": "800500", "tel_hh_bb_fixed_pct": "72.4"}
    for code, value in wanted.items():
        row = only(rows, indicator_code=code)
        assert (row["province_id"], row["period_id"], row["value"]) == ("P63-26", "2022-09", Decimal(value))
        assert (row["sheet"], row["cell"][0]) == ("vinh_phuc_the_che_2022", "F")
        assert row["quote"]
    stations = only(rows, indicator_code="tel_bts_station", breakdown="total")
    assert (stations["value"], stations["decimals"]) == (Decimal(2900), 0)
    assert only(rows, indicator_code="tel_bts_station", breakdown="operator:viettel;technology:5g")["value"] == 2
    assert only(rows, indicator_code="dvc_pay_txn")["basis"] == "cumulative"
    assert only(rows, indicator_code="tel_mobile_sub")["qualifier"] == "more_than"
    assert only(rows, indicator_code="dti_rank_change")["kind"] == "observation"
    assert only(rows, indicator_code="dti_ranked_unit")["province_id"] == "VN"
    assert only(rows, indicator_code="plan_item", breakdown="item:target")["unit"] == "item"


def test_targets_stay_on_the_province_of_the_plan(sample):
    rows = sample["vietq_vinh_long_2022", "vietq_vinh_long_2022.csv"].rows
    assert set(column(rows, "province_id", "kind")) == {("P63-86", "target")}
    levels = [
        row
        for row in rows.to_pylist()
        if row["indicator_code"] == "dgov_file_online_pct" and row["period_id"] == "2030"
    ]
    assert {row["breakdown"]: row["value"] for row in levels} == {
        "admin_level:province": 100, "admin_level:district": 90, "admin_level:commune": 70,
    }  # fmt: skip
    share = only(rows, indicator_code="eco_digital_share", period_id="2030")
    assert (share["comparator"], share["value"], share["value_upper"]) == ("range", 15, 20)
    national = sample["uy_ban_cds_2022", "uy_ban_cds_2022.csv"].rows
    fibre = only(national, indicator_code="tel_hh_fibre_pct")
    assert (fibre["province_id"], fibre["target_status"], fibre["comparator"]) == ("VN", "draft", "ge")


def test_the_ranking_keeps_its_ties_and_leaves_blank_cells_out(sample):
    rows = sample["bo_tttt_dti", "dti_2022.csv"].rows
    ranks = {row["province_id"]: row["value"] for row in rows.to_pylist() if row["indicator_code"] == "dti_rank"}
    assert len(ranks) == 63
    assert ranks["P63-38"] == ranks["P63-15"] == 15
    assert rows.num_rows == 63 + 5 * 9
    score = only(rows, indicator_code="dti_score", province_id="P63-48")
    assert (score["value"], score["decimals"], score["period_id"]) == (Decimal("0.8002"), 4, "2022")
