"""One drawn workbook from plan to verdict, as the tests and `make prove-sheets` run it."""

from pathlib import Path

from ingestion.reference import Reference
from tests.ingestion.generated.build import build
from tests.ingestion.generated.cell_traps import data_sheet, figures_of
from tests.ingestion.generated.fields import fields_of
from tests.ingestion.generated.judge import Verdict, read_and_judge
from tests.ingestion.generated.plan import Plan
from tests.ingestion.generated.traps import TRAPS
from tests.ingestion.generated.writing import declared_source, write_book


def read_drawn(plan: Plan, seed: int, folder: Path, reference: Reference, trap: str = "") -> Verdict | None:
    """What becomes of the book of a plan, with a trap in it or none; None where the trap does not fit the book."""
    book = build(plan, seed)
    if trap and not (figures_of(data_sheet(book)) and TRAPS[trap](book)):
        return None
    path = write_book(book, folder)
    verdict = read_and_judge(book, path, declared_source(book), reference)
    verdict.fields = fields_of(book.raw)
    return verdict
