"""What differs between two recorded layouts, one sentence a cause, in both languages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from ingestion.text import fold

Record = Sequence[Mapping[str, Any]]
_IN_BRACKETS = re.compile(r"\(([^()]*[^\W\d_][^()]*)\)")
_WORDS_VI = {
    "number": "số", "text": "chữ", "code": "mã chữ", "name": "tên", "vi": "1.234,5", "en": "1,234.5",
    "first": "đứng đầu", "last": "đứng cuối", "inside": "nằm giữa", "none": "không có",
    "sheet": "hết trang", "label": "dòng ký tên, ghi chú", "blank row": "dòng trống",
    "line without a break": "dòng không có dấu xuống dòng, có thể bị cắt cụt",
}  # fmt: skip


class Difference(NamedTuple):
    """One cause of drift: its kind, for machines, and a sentence for each language."""

    kind: str
    vi: str
    en: str


def differences(old: Record, new: Record) -> list[Difference]:
    """Every difference of a file's layout from that of an earlier file, table by table; nothing where they are one."""
    found: list[Difference] = []
    for table in new:
        rivals = [list(_of_table(each, table)) for each in old if each["table"] == table["table"]]
        told = min(rivals, key=len, default=[_new_table(table)])
        found += [_named(each, table, len({each["table"] for each in new}) > 1) for each in told]
    gone = {each["table"] for each in old} - {each["table"] for each in new}
    found += [_gone_table(number) for number in sorted(gone)]
    return list(dict.fromkeys(found))


def _named(difference: Difference, table: Mapping[str, Any], several: bool) -> Difference:
    if not several:
        return difference
    number = table["table"]
    return Difference(difference.kind, f"Bảng {number}: {difference.vi}", f"Table {number}: {difference.en}")


def _new_table(table: Mapping[str, Any]) -> Difference:
    number = table["table"]
    return Difference("table_added", f"bảng {number} chưa từng có.", f"table {number} was not there before.")


def _gone_table(number: int) -> Difference:
    return Difference("table_removed", f"Không còn bảng {number}.", f"Table {number} is gone.")


def _of_table(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    yield from _of_sheet(old["sheet"], new["sheet"])
    yield from _of_header(old, new)
    yield from differences_of_columns(old["columns"], new["columns"])
    yield from _of_units(old["units"], new["units"])
    for key, kind, vi, en in (
        ("period", "period", "Kỳ số liệu ghi theo dạng khác", "The period is written otherwise"),
        ("texts", "number_locale", "Số dạng chữ viết theo kiểu khác", "Numbers in text cells are written otherwise"),
        ("total", "total_moved", "Dòng tổng đổi chỗ", "The row of totals stands elsewhere"),
        ("end", "end", "Phần số liệu kết thúc kiểu khác", "The data ends otherwise"),
    ):
        if fold(old[key]) != fold(new[key]):
            was, now = old[key] or "—", new[key] or "—"
            yield _changed(kind, vi, en, (_WORDS_VI.get(was, was), _WORDS_VI.get(now, now)), (was, now))


def _changed(kind: str, vi: str, en: str, words_vi: Sequence[str], words_en: Sequence[str]) -> Difference:
    return Difference(
        kind,
        f"{vi}: trước “{words_vi[0]}”, nay “{words_vi[1]}”.",
        f"{en}: “{words_en[0]}” before, “{words_en[1]}” now.",
    )


def _of_sheet(old: Any, new: Any) -> Iterator[Difference]:
    if old != new:
        names = [", ".join([each] if isinstance(each, str) else each or ["—"]) for each in (old, new)]
        yield _changed("sheet_renamed", "Trang tính đổi tên", "The sheet was renamed", names, names)


def _of_header(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    if old["header_rows"] != new["header_rows"]:
        counts = [str(old["header_rows"]), str(new["header_rows"])]
        yield _changed("header_rows", "Số dòng tiêu đề khác", "The number of header rows differs", counts, counts)
    if list(map(fold, old["label_rows_above"])) != list(map(fold, new["label_rows_above"])):
        labels = [", ".join(each["label_rows_above"]) or "—" for each in (old, new)]
        yield _changed("header_rows", "Nhãn ngay trên tiêu đề khác", "Labels above the header differ", labels, labels)
    if old["label_rows_below"] != new["label_rows_below"]:
        counts = [str(old["label_rows_below"]), str(new["label_rows_below"])]
        yield _changed("header_rows", "Số dòng nhãn dưới tiêu đề khác", "Label rows below the header", counts, counts)


def _of_units(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    if list(old) != list(new):
        units = [", ".join(each) or "—" for each in (old, new)]
        yield _changed("unit", "Đơn vị tính ghi trên bảng khác", "The unit above the table differs", units, units)


def differences_of_columns(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """What differs between the columns of two records: renamed, gone, added, split, moved, of another kind."""
    before, after = ([each for each in columns if each["is"] not in ("blank", "beside")] for columns in (old, new))
    labels_before = {fold(each["label"]): each for each in before}
    labels_after = {fold(each["label"]): each for each in after}
    added = {label: each for label, each in labels_after.items() if label not in labels_before}
    removed = {label: each for label, each in labels_before.items() if label not in labels_after}
    for was in [each for each in removed.values() if each["is"] != "ignored"]:
        now = next((each for each in added.values() if each["is"] == was["is"]), None)
        if now is not None:
            del removed[fold(was["label"])], added[fold(now["label"])]
            yield _renamed(was, now)
            yield from _of_cells(was, now)
    yield from _added_and_removed(removed, added)
    common = [label for label in labels_before if label in labels_after]
    yield from _moved(
        [labels_before[each] for each in common], [each for each in after if fold(each["label"]) in common]
    )
    for label in common:
        yield from _of_cells(labels_before[label], labels_after[label])
    yield from _of_blanks(old, new)


def _renamed(was: Mapping[str, Any], now: Mapping[str, Any]) -> Difference:
    units = [{fold(each) for each in _IN_BRACKETS.findall(column["label"])} for column in (was, now)]
    bare = [fold(_IN_BRACKETS.sub("", column["label"])) for column in (was, now)]
    similar = round(fuzz.ratio(fold(was["label"]), fold(now["label"])))
    kind = "unit" if units[0] != units[1] and bare[0] == bare[1] else "column_renamed"
    what_vi, what_en = ("đổi đơn vị", "has another unit") if kind == "unit" else ("đổi tên", "was renamed")
    return Difference(
        kind,
        f"Cột “{was['label']}” ({was['at']}) {what_vi} thành “{now['label']}” ({now['at']}); giống nhau {similar} %.",
        f"Column “{was['label']}” ({was['at']}) {what_en}: “{now['label']}” ({now['at']}); {similar} % alike.",
    )


def _added_and_removed(removed: Mapping[str, Any], added: Mapping[str, Any]) -> Iterator[Difference]:
    parts_of = {label: [each for each in added if label in each] for label in removed}
    split = {part for parts in parts_of.values() if len(parts) > 1 for part in parts}
    for label, column in removed.items():
        if len(parts_of[label]) > 1:
            names = ", ".join(f"“{added[each]['label']}”" for each in parts_of[label])
            yield Difference(
                "column_split",
                f"Cột “{column['label']}” ({column['at']}) bị tách thành {names}.",
                f"Column “{column['label']}” ({column['at']}) was split into {names}.",
            )
        else:
            yield Difference(
                "column_removed",
                f"Không còn cột “{column['label']}” (trước ở {column['at']}).",
                f"Column “{column['label']}” ({column['at']} before) is gone.",
            )
    for label, column in added.items():
        if label not in split:
            yield Difference(
                "column_added",
                f"Thêm cột “{column['label']}” ở {column['at']}.",
                f"Column “{column['label']}” was added at {column['at']}.",
            )


def _moved(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """The columns outside the longest run that kept its order; two that changed places are one difference."""
    orders = [[fold(each["label"]) for each in columns] for columns in (before, after)]
    if orders[0] == orders[1]:
        return
    changed = [number for number, pair in enumerate(zip(*orders, strict=True)) if pair[0] != pair[1]]
    if len(changed) == 2:
        first, second = (before[number] for number in changed)
        yield Difference(
            "columns_swapped",
            f"Cột “{first['label']}” ({first['at']}) và “{second['label']}” ({second['at']}) đổi chỗ cho nhau.",
            f"Columns “{first['label']}” ({first['at']}) and “{second['label']}” ({second['at']}) changed places.",
        )
        return
    matcher = difflib.SequenceMatcher(None, orders[0], orders[1], autojunk=False)
    kept = {orders[0][block.a + step] for block in matcher.get_matching_blocks() for step in range(block.size)}
    now = {fold(each["label"]): each["at"] for each in after}
    for column in before:
        if (label := fold(column["label"])) not in kept:
            yield Difference(
                "column_moved",
                f"Cột “{column['label']}” chuyển từ {column['at']} sang {now[label]}.",
                f"Column “{column['label']}” moved from {column['at']} to {now[label]}.",
            )


def _of_cells(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for key, kind, vi, en in (
        ("cells", "cell_type", "ô số liệu", "its figures"),
        ("written", "place_written", "địa phương ghi", "its places"),
    ):
        if was.get(key) != now.get(key) and was.get(key) and now.get(key):
            yield Difference(
                kind,
                f"Cột “{now['label']}” ({now['at']}): {vi} trước là {_WORDS_VI[was[key]]}, "
                f"nay là {_WORDS_VI[now[key]]}.",
                f"Column “{now['label']}” ({now['at']}): {en} were {was[key]}s before and are {now[key]}s now.",
            )


def _of_blanks(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    places = [[each["at"] for each in columns if each["is"] == "blank"] for columns in (old, new)]
    if len(places[0]) != len(places[1]):
        before, now = (", ".join(each) or "—" for each in places)
        yield _changed("blank_column", "Cột trống khác", "The blank columns differ", (before, now), (before, now))
