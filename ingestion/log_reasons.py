"""Why a row of a log is refused, in both languages. A sentence says the field, never what stands in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ingestion.readers import log_texts as texts

# reason code -> sentences; {field} is the canonical field.
SENTENCES: Mapping[str, tuple[str, str]] = {
    texts.TOO_MANY_FIELDS: (
        "Dòng có nhiều trường hơn tiêu đề; có thể dấu phân cách trong văn bản không được đặt trong ngoặc kép.",
        "The line has more fields than the header; a separator inside a text may lack its quotes.",
    ),
    texts.TOO_FEW_FIELDS: (
        "Dòng có ít trường hơn tiêu đề; có thể bị ngắt giữa chừng.",
        "The line has fewer fields than the header; it may be broken in the middle.",
    ),
    texts.UNBALANCED_QUOTES: (
        "Dấu ngoặc kép không khép hoặc đặt sai chỗ, không xác định được các trường.",
        "A quote is not closed or stands in the wrong place, so the fields are not certain.",
    ),
    texts.STRAY_LINE_BREAK: (
        "Có ký tự xuống dòng (CR) giữa dòng.",
        "A line break (CR) stands in the middle of the line.",
    ),
    texts.NUL_CHARACTER: ("Dòng có ký tự NUL.", "The line holds a NUL character."),
    texts.BAD_ENCODING: (
        "Dòng không đúng bảng mã đã khai báo của nguồn.",
        "The line is not in the declared encoding of the source.",
    ),
    texts.REPEATED_HEADER: (
        "Dòng tiêu đề lặp lại giữa tệp; có thể nhiều tệp được ghép lại.",
        "The header again in the middle of the file; several files may have been joined.",
    ),
    texts.LINE_TOO_LONG: ("Dòng dài quá giới hạn.", "The line is longer than the limit."),
    texts.TEXT_TOO_LONG: (
        "Một trường cần đọc dài quá giới hạn; có thể dòng bị lệch cột.",
        "A field that is read is longer than the limit; the columns may be shifted.",
    ),
    texts.BROKEN_JSON: ("Dòng không phải JSON hợp lệ.", "The line is no valid JSON."),
    texts.REPEATED_KEY: (
        "Đối tượng JSON có một khóa cần đọc lặp lại, không biết giá trị nào đúng.",
        "The JSON object has a key that is read twice, and which value holds is not certain.",
    ),
    texts.NOT_AN_OBJECT: ("Dòng không phải một đối tượng JSON.", "The line is no JSON object."),
    "missing_value": ("Trường {field} bắt buộc nhưng để trống.", "The field {field} is required and blank."),
    "unreadable_dossier_id": (
        "Trường {field} không có dạng mã hồ sơ (chữ, số, dấu . / _ -, có chữ số, không có dấu cách).",
        "The field {field} is no dossier number (letters, digits and . / _ -, at least one digit, no blanks).",
    ),
    "unreadable_procedure": (
        "Trường {field} không phải mã thủ tục dạng 1.004194 hoặc 1.004194.000.00.00.H17.",
        "The field {field} is no procedure code such as 1.004194 or 1.004194.000.00.00.H17.",
    ),
    "unknown_code": (
        "Giá trị của trường {field} không có trong danh mục; nếu là cách ghi khác, khai báo ở layout.values của nguồn.",
        "The value of {field} is not in the vocabulary; declare another spelling under layout.values of the source.",
    ),
    "unreadable_date": (
        "Trường {field} không phải thời điểm theo dạng đã khai báo của nguồn.",
        "The field {field} is no time in a declared form of the source.",
    ),
    "unreadable_number": ("Trường {field} không phải số nguyên.", "The field {field} is no whole number."),
    "number_too_large": (
        "Trường {field} lớn hơn mức cho phép; số từ chín chữ số có thể là số điện thoại hoặc định danh đặt lệch cột.",
        "The field {field} is beyond the limit; a number of nine digits may be a telephone or identity number in the "
        "wrong column.",
    ),
    "unknown_flag": (
        "Trường {field} không phải có/không; nếu là cách ghi khác, khai báo ở layout.values của nguồn.",
        "The field {field} is neither true nor false; declare another spelling under layout.values of the source.",
    ),
    "unknown_area": (
        "Không xác định được tỉnh từ các cột đã khai báo; mã H## mới suy đoán không dùng một mình.",
        "The declared columns name no known province; an H## code that is only inferred never decides alone.",
    ),
    "ambiguous_area": (
        "Các cột đã khai báo chỉ những tỉnh khác nhau hoặc một tên gọi nhiều tỉnh.",
        "The declared columns mean different provinces, or a name means several.",
    ),
    "area_not_in_set": (
        "Tỉnh có thật nhưng không thuộc địa giới của ngày nộp hồ sơ; kiểm tra ngày, hoặc boundary_set của nguồn.",
        "The province exists, but not in the boundaries of the day of filing; check the day, or boundary_set.",
    ),
    "unreadable_field_code": (
        "Trường {field} không có dạng mã lĩnh vực (vài chữ cái với vài chữ số, như LV01); mã hoặc tên khác thì khai "
        "báo ở layout.values của nguồn.",
        "The field {field} is no code of a field of administration (a few letters with a few digits, as LV01); declare "
        "another code or name under layout.values of the source.",
    ),
    "area_before_known_sets": (
        "Ngày nộp hồ sơ trước địa giới đầu tiên đã biết.",
        "The day of filing is before any known boundaries.",
    ),
}


def joined_reasons(faults: str) -> tuple[str, str, str, str, str]:
    """All faults of a row (`field:code;field:code`) as field, reason_code, reasons, reason_vi, reason_en."""
    parts = [tuple(fault.split(":", 1)) for fault in faults.split(";")]
    codes = list(dict.fromkeys(code for _, code in parts))
    said = list(dict.fromkeys(tuple(text.format(field=field) for text in SENTENCES[code]) for field, code in parts))
    vi, en = (" ".join(each) for each in zip(*said, strict=True))
    return parts[0][0], parts[0][1], json.dumps(codes), vi, en


def reason_columns(faults: Sequence[str]) -> list[list[str]]:
    """The five columns of reasons for distinct faults."""
    return [list(column) for column in zip(*map(joined_reasons, faults), strict=True)] if faults else [[]] * 5
