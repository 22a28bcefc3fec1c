"""The kinds of faults a drill puts into files, each with its name for people and the function that makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingestion.drill import cells, rows, texts
from ingestion.drill.case import Case


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        name_vi: what it is, for people.
        name_en: the same in English.
        make: spoils the pages of a case and says what was done; raises NotPossible where the file has nothing to spoil.
    """

    name_vi: str
    name_en: str
    make: Callable[[Case], str]


KINDS: Mapping[str, Kind] = {
    "thousandfold": Kind("Sai 1000 lần", "A thousand times too much", cells.thousandfold),
    "moved_decimal": Kind("Lệch dấu thập phân", "Moved decimal mark", cells.moved_decimal),
    "negative_stock": Kind("Số âm", "Negative stock", cells.negative_stock),
    "percent_as_ratio": Kind("Phần trăm ghi thành tỷ lệ", "Percentages as ratios", cells.percent_as_ratio),
    "swapped_columns": Kind("Đổi chỗ hai cột", "Two columns swapped", cells.swapped_columns),
    "shifted_header": Kind("Lệch tiêu đề cột", "Header shifted against figures", cells.shifted_header),
    "shifted_rows": Kind("Lệch dòng so với tên tỉnh", "Figures shifted against places", cells.shifted_rows),
    "recycled_code": Kind("Mã cũ của tỉnh khác", "Old code of another province", rows.recycled_code),
    "duplicated_province": Kind("Lặp một tỉnh", "A province twice", rows.duplicated_province),
    "dropped_province": Kind("Sót một tỉnh", "A province left out", rows.dropped_province),
    "total_row_as_province": Kind("Dòng tổng thành một tỉnh", "Total row as a province", rows.total_row_as_province),
    "missing_operator": Kind("Thiếu một nhà mạng", "An operator left out", rows.missing_operator),
    "cut_off": Kind("Tệp bị cắt phần dưới", "Lower part cut off", rows.cut_off),
    "nfd_names": Kind("Tên tổ hợp NFD", "Names in NFD", texts.nfd_names),
    "encoding_damage": Kind("Hỏng bảng mã", "Encoding damage", texts.encoding_damage),
    "wrong_month": Kind("Sai kỳ", "Wrong month", texts.wrong_month),
    "stale_file": Kind("Tệp cũ gửi lại với ngày mới", "Old file with a new date", texts.stale_file),
}
