"""Dossier logs full of invented persons, in every place where a portal or a clerk has put them, and in worse ones."""

import gzip
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tests.ingestion.logs import HEADER, LOG, STATE
from tests.orchestration.person_search import TCVN3, cp1258, person, spellings

# source id -> what differs from the log of tests/ingestion/logs.py
SOURCES: Mapping[str, Mapping[str, Any]] = {
    "cong_csv": {"format": "csv"},
    "cong_ndjson": {"format": "ndjson"},
    "cong_json": {"format": "json"},
    "cong_parquet": {"format": "parquet"},
    "cong_cp1258": {"format": "csv", "encoding": "cp1258"},
    "cong_utf16": {"format": "csv", "encoding": "utf-16"},
}
PERSONAL_COLUMNS = ("ChuHoSo", "SoDienThoai", "Email", "DinhDanhCHS", "GhiChu")


def state(number: int, **changes: str) -> dict[str, str]:
    """One state of the dossier of one person, told in all columns that are there for it."""
    one = person(number)
    return {
        **STATE,
        "MaHoSo": one["dossier"],
        "ChuHoSo": one["name"],
        "SoDienThoai": one["telephone"],
        "Email": one["e_mail"],
        "DinhDanhCHS": one["identity"],
        "GhiChu": f"Đã gọi {one['name']} {one['telephone']} ở {one['address']}",
        **changes,
    }


def line(number: int, **changes: str) -> str:
    quoted = (
        '"' + text.replace('"', '""') + '"' if {",", '"', "\n"} & set(text) else text
        for text in state(number, **changes).values()
    )
    return ",".join(quoted)


def good(count: int) -> list[str]:
    return [line(number) for number in range(count)]


def misplaced(number: int) -> Iterator[dict[str, str]]:
    """The state with each spelling of the person in each column that is read, one by one."""
    for column in STATE:
        if column not in PERSONAL_COLUMNS:
            for text in spellings(number):
                yield state(number, **{column: text})


def broken_lines(number: int) -> list[bytes]:
    whole, one = line(number), person(number)
    texts = list(state(number).values())
    lines = [",".join([*texts[by:], *texts[:by]]) for by in range(1, len(texts))]  # shifted around
    lines += [",".join(texts[:at] + [one["name"]] + texts[at:]) for at in range(0, len(texts), 3)]  # a column more
    lines += [",".join(texts[:at] + texts[at + 1 :]) for at in range(0, len(texts), 3)]  # a column less
    lines += [whole[:at] for at in range(20, len(whole), 40)]
    lines += [whole.replace("Trịnh", '"Trịnh'), whole.replace("Trịnh", 'Tr"ịnh'), whole.replace("Trịnh", "\r")]
    lines += [whole.replace("Khuyếch", "Khuyếch\0"), f"{one['name']}\n{one['telephone']}", HEADER]
    lines += [whole.replace(",", ";"), whole.replace(",", "\t"), one["name"] * 80_000]
    encoded = [each.encode() for each in lines]
    encoded += [whole.encode("utf-16-le"), whole.translate(TCVN3).encode("latin-1", "replace"), cp1258(whole)]
    return [*encoded, whole.encode().replace("ế".encode(), b"\xff")]


def broken_objects(number: int) -> list[str]:
    whole, one = json.dumps(state(number), ensure_ascii=False), person(number)
    escaped = json.dumps(state(number, TrangThaiHoSo=one["name"], MucDo=one["telephone"]))
    return [
        *(whole[:at] for at in range(15, len(whole), 60)),
        *(whole.replace("{", "[").replace("}", "]"), f"[{whole}]", json.dumps(one["name"]), one["telephone"]),
        *(escaped, whole.replace('"9"', f'{{"{one["name"]}": "{one["telephone"]}"}}')),
        *(whole.replace('"9"', json.dumps([one["name"]] * 9)), whole.replace("Trịnh", "\\ud800")),
        *(whole.replace('"MaHoSo"', f'"{one["name"]}"'), whole.replace("Khuyếch", "Khuyếch\0")),
        whole.replace('"LePhi": "1.500.000"', f'"LePhi": {{"Gia": "{one["telephone"]}"}}'),
        one["name"] * 80_000,
    ]


def nested(number: int) -> str:
    """A good state that holds more persons in lists, structures and keys beside what is read."""
    one, other = person(number), person(number + 1)
    more = {
        other["name"]: other["telephone"],
        "QuaTrinhXuLy": [{"CanBo": other["name"], "NoiDung": [f"Đã gọi {one['telephone']}", [one["identity"]]]}],
        "TaiLieuNop": [{"TenTep": f"don_{one['telephone']}.pdf", one["e_mail"]: {one["name"]: one["name"]}}],
    }
    return json.dumps({**state(number), **more}, ensure_ascii=bool(number % 2))


def parquet(rows: list[dict[str, str]], **more: Any) -> bytes:
    """Rows as Parquet, with persons in the file's own notes and the name of a column too."""
    one = person(0)
    table = pa.Table.from_pylist(rows).append_column(one["name"], pa.array([one["telephone"]] * len(rows)))
    table = table.append_column("QuaTrinhXuLy", pa.array([[{"CanBo": one["name"]}]] * len(rows)))
    for name, column in more.items():
        table = table.set_column(table.column_names.index(name), name, column)
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"nguoi_lap": one["name"]}), file)
    return file.getvalue()


def logs() -> dict[str, bytes]:
    """Path beneath an inbox -> content. Of each source one file at least is accepted, with many rows refused."""
    wrong = list(misplaced(1))
    impossible = [line(number, NgayKetThucXuLy="01/01/2021 00:00:00") for number in range(300)]
    text, headless = "\n".join([HEADER, *good(300)]), "\n".join(good(300))
    many = good(4_000)  # beside so many good lines a file is accepted, whatever the others hold
    named = HEADER.replace("GhiChu", person(3)["name"]).replace("SoDienThoai", person(3)["telephone"])
    objects = [json.dumps(state(number), ensure_ascii=False) for number in range(300)]
    whole = parquet([state(number) for number in range(300)])
    packed = gzip.compress(text.encode())
    return {
        "cong_csv/a_sai_cot.csv.gz": gzip.compress("\n".join([HEADER, *many, *map(_csv, wrong)]).encode()),
        "cong_csv/b_dong_hong.csv": b"\n".join([HEADER.encode(), *map(str.encode, many), *broken_lines(2)]),
        "cong_csv/c_cach_ly.csv.gz": gzip.compress("\n".join([HEADER, *impossible]).encode()),
        "cong_csv/d_tieu_de.csv": "\n".join([named, *good(300)]).encode(),
        "cong_csv/e_thieu_cot.csv": text.replace("ThoiDiem,", f"{person(4)['name']},").encode(),
        "cong_csv/f_khong_tieu_de.csv": headless.encode(),
        "cong_csv/g_cat_cut.csv.gz": packed[: len(packed) - 40],
        "cong_csv/h_hong.csv.gz": packed[:2000] + b"\0\0\0" + packed[2003:],
        "cong_csv/i_utf16.csv": text.encode("utf-16"),
        "cong_csv/k_cham_phay.csv": text.replace(",", ";").encode(),
        "cong_csv/l_ten_dai.csv": (person(5)["name"] * 80_000 + "\n" + headless).encode(),
        "cong_csv/m_cp1258.csv": cp1258(text),
        "cong_ndjson/a.ndjson.gz": gzip.compress("\n".join([*objects, *map(nested, range(40))]).encode()),
        "cong_ndjson/b_sai_cot.ndjson": "\n".join(
            [*map(json.dumps, map(state, range(4_000))), *map(_json, wrong)]
        ).encode(),
        "cong_ndjson/c_dong_hong.ndjson": "\n".join([*objects, *broken_objects(2)]).encode("utf-8", "surrogatepass"),
        "cong_ndjson/d_cat_cut.ndjson.gz": gzip.compress("\n".join(objects).encode())[:-30],
        "cong_json/a.json": ("[" + ",\n".join([*objects, *map(_json, wrong)]) + "]").encode(),
        "cong_json/b_cat_cut.json": ("[" + ",\n".join(objects))[:-50].encode(),
        "cong_json/c_khong_mang.json": json.dumps({person(6)["name"]: state(6)}).encode(),
        "cong_parquet/a.parquet": parquet([state(number) for number in range(4_000)] + wrong),
        "cong_parquet/b_cat_cut.parquet": whole[: len(whole) - 100],
        "cong_parquet/c_cot_la.parquet": parquet([state(7)], TrangThaiHoSo=pa.array([[person(7)["name"]]])),
        "cong_cp1258/a.csv": cp1258("\n".join([HEADER, *many, *map(_csv, wrong)])),
        "cong_cp1258/b_tcvn3.csv": text.translate(TCVN3).encode("latin-1", "replace"),
        "cong_utf16/a.csv": "\n".join([HEADER, *many, *map(_csv, wrong)]).encode("utf-16"),
        "cong_utf16/b_utf8.csv": text.encode(),
    }


def _csv(row: dict[str, str]) -> str:
    return ",".join('"' + text.replace('"', '""') + '"' for text in row.values())


def _json(row: dict[str, str]) -> str:
    return json.dumps(row, ensure_ascii=len(row["TrangThaiHoSo"]) % 2 == 0)


def write_sources(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for source_id, changes in SOURCES.items():
        raw = {**LOG, "source_id": source_id, **changes}
        raw["layout"] = {**LOG["layout"], "date_formats": list(LOG["layout"]["date_formats"])}
        (folder / f"{source_id}.yml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")


def write_logs(inbox: Path) -> int:
    """Number of files written."""
    found = logs()
    for name, content in found.items():
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(content)
    return len(found)
