"""Which cells of a workbook (.xlsx) are set in old Vietnamese fonts: by cell styles, and run by run in rich texts."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from ingestion.legacy_text import Font, Runs, font_of

_TEXTS = "xl/sharedstrings.xml"

# The runs of a rich text as they stand in the file: text and the name of its font, "" for the font of the cell.
RichText = Sequence[tuple[str, str]]


def old_font_styles(styles: ElementTree.Element) -> dict[str, Font]:
    """Number of each cell style whose font is an old one, and the font."""
    fonts = [_font_name(font, "name") for font in styles.iterfind("{*}fonts/{*}font")]
    found = {}
    for number, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        at = int(style.get("fontId", 0))
        font = font_of(fonts[at]) if 0 <= at < len(fonts) else None
        if font is not None:
            found[str(number)] = font
    return found


def rich_texts(archive: zipfile.ZipFile) -> dict[str, RichText]:
    """Of the texts that cells share, those made of runs, by number. The parts are already held against the limits."""
    part = next((name for name in archive.namelist() if name.lower() == _TEXTS), None)
    found: dict[str, RichText] = {}
    if part is None:
        return found
    number = 0
    with archive.open(part) as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag.rpartition("}")[2] == "si":
                if runs := _rich(element):
                    found[str(number)] = runs
                number += 1
                element.clear()
    return found


def runs_of(
    cell: ElementTree.Element, text: str, styles: Mapping[str, Font], rich: Mapping[str, RichText]
) -> Runs | None:
    """The runs of a text cell where an old font is among them.

    Raises ValueError where the runs do not make up the text: then nothing tells which part is in which font.
    """
    base = styles.get(cell.get("s", "0"))
    written = rich.get(cell.findtext("{*}v") or "", ()) if cell.get("t") == "s" else _rich(cell.find("{*}is"))
    runs: list[tuple[int, Font | None]] = []
    at = 0
    for part, name in written or [(text, "")]:
        runs.append((at, font_of(name) if name else base))
        at += len(part)
    if not any(font for _, font in runs):
        return None
    if at != len(text):
        raise ValueError(f"the runs of {cell.get('r')} do not make up its text")
    return runs


def _rich(element: ElementTree.Element | None) -> RichText:
    if element is None:
        return []
    return [
        (run.findtext("{*}t") or "", "" if (font := run.find("{*}rPr")) is None else _font_name(font, "rFont"))
        for run in element.iterfind("{*}r")
    ]


def _font_name(font: ElementTree.Element, tag: str) -> str:
    name = font.find(f"{{*}}{tag}")
    return "" if name is None else name.get("val", "")
