"""The published files that nobody here wrote, each read once by its source YAML alone."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.read import ReadResult, read_file
from ingestion.reference import load_reference
from ingestion.source import load_source
from tests.ingestion.conftest import SEEDS, SOURCES_DIR

FILES = {
    "gso_population": "gso_average_population_by_province_1995_2016.csv",
    "sapnhap_bando_34": "sapnhap_bando_34_provinces_2025-07-17.csv",
    "papi": "PAPI_2011-2016.xlsx",
    "pci_2010": "PCI_2010.xls",
    "pci_2008": "PCI_2008.xls",
    "pci_2008_telephones": "PCI_2008.xls",
    "pci_2016": "PCI_2016.xlsx",
    "gso_area_density": "gso_area_population_density.csv",
    "gso_telephone": "gso_telephone_internet_subscribers_2005_2016.csv",
    "papi_panel": "papi_panel_2022.csv",
    "mof_plan_2003": "Plan_2003.xls",
    "mof_plan_2008": "Plan_2008.xls",
}


@cache
def read(real_dir: Path, source_id: str) -> ReadResult:
    name = FILES[source_id]
    reference = load_reference([SEEDS])
    return read_file(real_dir / name, name, load_source(SOURCES_DIR / f"{source_id}.yml"), reference)


def facts(real_dir: Path, source_id: str, **wanted: str) -> list[dict[str, Any]]:
    rows = read(real_dir, source_id).rows.to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def value(real_dir: Path, source_id: str, **wanted: str) -> Decimal:
    (row,) = facts(real_dir, source_id, **wanted)
    return row["value"]


YEARS_THAT_ADD_UP = [
    ("2005", "82392.1", 64),
    ("2007", "84218.5", 64),
    ("2008", "85118.7", 63),
    ("2009", "86025.0", 63),
    ("2015", "91709.8", 63),
    ("2016", "92695.1", 63),
]
