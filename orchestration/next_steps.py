"""What a person can do about a refused load: each step in both languages, with the command ready to copy."""

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta

from orchestration.decided import is_blocking, obstacles, unwaivable
from orchestration.home import Home
from warehouse.canonical import day_in_viet_nam
from warehouse.decisions import Decision
from warehouse.load_records import LoadRecord

DAYS_WAIVED = 30
SIGNED = "--by \"$USER\" --reason '…'"

Step = dict[str, str]


def next_steps(home: Home, record: LoadRecord, decision: Decision | None, now: datetime) -> list[Step]:
    """The steps that are open for a load, the likeliest first.

    Args:
        home: the home.
        record: the load.
        decision: what a person has decided about it; then it can only be taken back.
        now: the present moment; waivers are proposed for DAYS_WAIVED days.

    Returns:
        `vi`, `en` and `command` (empty where no command does it) of each.
    """
    base = f"sotinh --home {shlex.quote(str(home.paths.home))}"
    if decision:
        command = f"{base} quarantine undo {record.load_id} {SIGNED}"
        return [_step("Rút lại quyết định", "Take the decision back", command)]
    if record.verdict == "quarantined":
        return [*_let_pass(base, record, now), *_read_again(home, base, record), *_give_up(home, base, record)]
    if record.verdict == "failed":
        return [*_read_again(home, base, record), *_give_up(home, base, record)]
    return []


def _let_pass(base: str, record: LoadRecord, now: datetime) -> Iterator[Step]:
    payload = record.payload
    if obstacles(payload["shape"], payload["checks"]):
        return
    yield _step(
        "Cho qua: đêm sau nạp lượt này (những dòng bị loại riêng vẫn bị loại); thêm --now để chạy ngay",
        "Release: the next night accepts it (rows rejected by themselves stay rejected); --now does it at once",
        f"{base} quarantine release {record.load_id} {SIGNED}",
    )
    until = day_in_viet_nam(now) + timedelta(days=DAYS_WAIVED)
    for name in [check["check_name"] for check in payload["checks"] if is_blocking(check)]:
        if name not in unwaivable(payload["shape"]):
            yield _step(
                f"Miễn quy tắc {name} cho nguồn này đến hết ngày {until}",
                f"Waive the rule {name} for this source to the end of {until}",
                f"{base} waive {name} --source {payload['source_id']} --until {until} {SIGNED}",
            )


def _read_again(home: Home, base: str, record: LoadRecord) -> Iterator[Step]:
    source_id, drift = record.payload["source_id"], record.payload.get("drift")
    if drift and drift["patch"]:
        yield _step(
            "Nhận mẫu mới: xem bản vá của khai báo nguồn, rồi thêm --yes",
            "Accept the new layout: look at the patch of the source YAML, then add --yes",
            f"{base} sources patch {source_id}",
        )
    elif source_id in home.source_ids:
        path = home.paths.sources / f"{source_id}.yml"
        yield _step(
            f"Nếu khai báo nguồn sai: sửa {path}, đêm sau đọc lại tệp thành một lượt nạp mới; xem trước bằng",
            f"Where the source YAML is wrong: correct {path}, and the next night reads the file again as a new load; "
            "look at it first with",
            f"{base} rebuild --source {source_id}",
        )


def _give_up(home: Home, base: str, record: LoadRecord) -> Iterator[Step]:
    inbox = home.paths.inbox / record.payload["source_id"]
    name = record.payload["file_name"]
    yield _step(
        f"Đề nghị đơn vị cung cấp gửi tệp đúng vào {inbox}; tệp cùng tên «{name}» được nhận sẽ đóng lượt này",
        f"Ask the publisher for a correct file in {inbox}; one of the same name «{name}» that is accepted closes this",
        "",
    )
    yield _step(
        "Loại bỏ: đóng lại, không bao giờ nạp; vẫn thấy trong audit_loads",
        "Discard: closed and never loaded; still seen in audit_loads",
        f"{base} quarantine discard {record.load_id} {SIGNED}",
    )


def _step(vi: str, en: str, command: str) -> Step:
    return {"vi": vi, "en": en, "command": command}
