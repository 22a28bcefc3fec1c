"""A first source YAML for an unknown file: what was found as fields, what is not sure as questions (`# ?`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import FileFault
from ingestion.log_head import LogHead, is_packed, log_format, log_head
from ingestion.proposed_log import is_log, proposed_log
from ingestion.proposed_sheets import proposed_sheets
from ingestion.proposed_trial import open_questions
from ingestion.proposed_yaml import QUESTION, asked, written
from ingestion.reference import Reference
from ingestion.text import fold

FORMATS = (".xlsx", ".xls", ".ods", ".csv", ".ndjson", ".json", ".parquet")
_SHEETS = ("xlsx", "xls", "ods", "csv")


@dataclass(frozen=True)
class Proposal:
    """The text of a source YAML, and how many questions are in it."""

    source_id: str
    text: str
    questions: int


def source_id_of(name: str) -> str:
    """A source's id after the name of a file: its words without digits, `viettel_2022-10` gives `viettel`."""
    words = [word for word in re.sub(r"\d+", " ", fold(name.replace("_", " "))).split() if word.isascii()]
    return "_".join(words) or "nguon"


def propose(path: Path, source_id: str, reference: Reference) -> Proposal:
    """Look at a file that no source is declared for and write down how it could be read.

    The YAML is tried on the file: where it does not read all of it, that is a question too. Without a question it does.

    Args:
        path: the file: xlsx, xls, ods or csv; a log of dossiers also as ndjson, json or Parquet, packed or not.
        source_id: what the source shall be called.
        reference: the reference tables, which know places, units and indicators.

    Raises FileFault where the file cannot be read, or where no column of it names provinces.
    """
    file_format = path.suffix.lower().removeprefix(".")
    log = _log(path)
    if log is None and file_format not in _SHEETS:
        raise _no_format(path.suffix)
    if log is None:
        about, lines = proposed_sheets(path, source_id, file_format, reference)
    else:
        about, lines = _log_lines(path, source_id, log, reference)
    unread = open_questions("\n".join(lines), source_id, path, reference)
    head = [
        f"# Proposed from {path.name}: {about}.",
        f"# Answer every line with `{QUESTION}`, fill in the publisher, then: sotinh check FILE --source {source_id}",
    ]
    text = "\n".join([*head, *asked(unread), *lines, ""])
    return Proposal(source_id, text, text.count(QUESTION + " "))


def _log(path: Path) -> LogHead | None:
    """The beginning of a log; None where the file is a sheet. A text file is a log by the names of its columns."""
    file_format = log_format(path)
    if file_format is None:
        return None
    if file_format != "csv" or is_packed(path):
        return log_head(path, file_format)
    try:
        head = log_head(path, file_format)
    except FileFault:
        return None  # said by the reader of sheets, which knows more of encodings
    return head if is_log(head) else None


def _log_lines(path: Path, source_id: str, log: LogHead, reference: Reference) -> tuple[str, list[str]]:
    found = proposed_log(log, source_id, path.name, reference)
    about = f"a log of dossiers, {len(log.columns())} columns"
    personal = [f"# Of persons, dropped at the reader and kept nowhere: {', '.join(found.personal)}"]
    return about, [
        *(personal if found.personal else []),
        *written(found.head, 0),
        "",
        "layout:",
        *written(found.layout, 1),
    ]


def _no_format(suffix: str) -> FileFault:
    listed = ", ".join(FORMATS)
    return FileFault(
        "unreadable_file",
        f"Chưa đề xuất được cho tệp “{suffix}”; các loại đọc được: {listed}.",
        f"Nothing can be proposed for a “{suffix}” file; these are understood: {listed}.",
    )
