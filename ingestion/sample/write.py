"""Writes the sample inbox; see `write_sample`."""

import csv
import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.generate import generate
from ingestion.sample.faults import FAULTS, FOLDER_WITHOUT_SOURCE, MISSING_SHEET, TRUNCATED_FILE
from ingestion.sample.workbook import LAYOUTS, CellValue, operator_workbook

HERE = Path(__file__).parent
MONTHS = ((2022, 7), (2022, 8), (2022, 9))
FAULTY_MONTH = (2022, 10)

# States of dossiers in the good logs together, and in the faulty ones.
LOG_STATES, FAULTY_LOG_STATES = 3_000, 900
LOG_SEED = 2022

# Long ago, so that no file waits in the inbox as one that may still be growing.
WRITTEN_AT = datetime(2022, 11, 1, tzinfo=UTC).timestamp()

# Each article is a source of its own: number of the article in seed_facts.csv -> source id.
ARTICLES = {
    "000": "bao_vinh_phuc_2021",
    "001": "vinh_phuc_the_che_2022",
    "002": "dtck_vinh_phuc_2022",
    "003": "uy_ban_cds_2022",
    "004": "vietq_vinh_long_2022",
}
ARTICLE_COLUMNS = (
    "fact_no",
    "province",
    "indicator_vi",
    "indicator_code",
    "breakdown",
    "value",
    "value_upper",
    "unit",
    "period",
    "basis",
    "kind",
    "qualifier",
    "comparator",
    "target_status",
    "quote",
)


def write_sample(inbox: Path, with_faults: bool = False) -> list[Path]:
    """Write the sample inbox: twenty-one good files, and on request six faulty ones beside them.

    | files | what they hold |
    |---|---|
    | `viettel`, `vnpt`, `mobifone`: `<source>_2022-07.xlsx` to `-09` | synthetic figures, labelled so |
    | five articles: `<source>.csv` | the figures of one published article each, with their exact phrases |
    | `bo_tttt_dti/dti_2022.csv` | the ministry's ranking of the 63 provinces in 2022 |
    | two portals: `mo_phong_<portal>_2022-07` to `-09` | synthetic logs of dossiers, with planted personal data |

    With faults (each is described by an entry of `FAULTS`):

    | file | cell | fault | must become |
    |---|---|---|---|
    | `viettel_2022-10.xlsx` | C43 | `Tỉnh Không Có` (code `TKC`) in place of Khánh Hòa | figures of the row rejected |
    | `viettel_2022-10.xlsx` | H52 | -1250 smartphone subscriptions in Tây Ninh | figure rejected |
    | `viettel_2022-10.xlsx` | E58 | `hơn 1 triệu` as the mobile subscriptions of Tiền Giang | figure rejected |
    | `vnpt_2022-10.xlsx` | | the only sheet is called `Sheet1` | load failed |
    | `mobifone_2022-10.xlsx` | | only the first half of the bytes | load failed |
    | `mo_phong_<portal>_2022-10` | some lines | shifted, broken off, persons in wrong columns | lines masked |
    | `nha_mang_la/x.xlsx` | | a sound workbook in a folder without a source | reported, left where it is |

    Each file appears under its name only when it is complete; files of the same name are replaced.

    Args:
        inbox: The folder with one folder per source; made when missing.
        with_faults: Write the faulty files too.

    Returns:
        The files written, good ones first.
    """
    files: dict[str, bytes] = {}
    for operator in LAYOUTS:
        for year, month in MONTHS:
            files[f"{operator}/{operator}_{year}-{month:02}.xlsx"] = operator_workbook(operator, year, month)
    for article, source_id in ARTICLES.items():
        files[f"{source_id}/{source_id}.csv"] = article_sheet(article)
    files["bo_tttt_dti/dti_2022.csv"] = (HERE / "dti_2022.csv").read_bytes()
    written = [_write(inbox / name, content) for name, content in files.items()]
    written += generate(inbox, LOG_STATES, len(MONTHS), LOG_SEED, first_month=date(*MONTHS[0], 1))
    if with_faults:
        written += [_write(inbox / name, content) for name, content in _faulty_files().items()]
        written += generate(inbox, FAULTY_LOG_STATES, 1, LOG_SEED, faults=True, first_month=date(*FAULTY_MONTH, 1))
    return written


def article_sheet(article: str) -> bytes:
    """Return the CSV of one article: one row per figure, values as in `seed_facts.csv`, UTF-8 with line feeds.

    Args:
        article: Number of the article, a key of `ARTICLES`.
    """
    text = io.StringIO()
    sheet = csv.DictWriter(text, ARTICLE_COLUMNS, extrasaction="ignore", lineterminator="\n")
    sheet.writeheader()
    with (HERE / "seed_facts.csv").open(encoding="utf-8", newline="") as file:
        sheet.writerows(fact for fact in csv.DictReader(file) if fact["seed_file"].startswith(f"{article}_"))
    return text.getvalue().encode()


def _faulty_files() -> dict[str, bytes]:
    """Return the faulty files by their path in the inbox."""
    year, month = FAULTY_MONTH
    changes: dict[str, CellValue] = {}
    for fault in FAULTS:
        changes |= fault.written
    sheet_renamed = operator_workbook("vnpt", year, month, sheet=MISSING_SHEET.sheet)
    whole = operator_workbook("mobifone", year, month)
    return {
        f"viettel/viettel_{year}-{month:02}.xlsx": operator_workbook("viettel", year, month, changes=changes),
        f"{MISSING_SHEET.source_id}/{MISSING_SHEET.file_name}": sheet_renamed,
        f"{TRUNCATED_FILE.source_id}/{TRUNCATED_FILE.file_name}": whole[: len(whole) // 2],
        f"{FOLDER_WITHOUT_SOURCE.source_id}/{FOLDER_WITHOUT_SOURCE.file_name}": whole,
    }


def _write(path: Path, content: bytes) -> Path:
    """Write a file under a `.part` name, which receivers leave alone, then give it its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.utime(part, (WRITTEN_AT, WRITTEN_AT))
    return part.replace(path)
