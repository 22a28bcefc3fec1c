"""What a publisher is told about a file of the inbox that became no new load, in Vietnamese and in English."""

from collections.abc import Mapping
from typing import Any

from warehouse.inbox import InboxFile


def why_left(file: InboxFile) -> tuple[str, str]:
    """Why a file is not taken and what to do about it, in Vietnamese and in English."""
    return _why_refused(file) if file.odd else _why_unknown(file)


def why_duplicate(first_name: str, sha256: str, reading: Mapping[str, Any] | None) -> tuple[str, str]:
    """What became of the file of the same bytes that came first, and what to do where it was refused.

    Args:
        first_name: name of that file.
        sha256: the bytes.
        reading: payload of its newest load; None while it is still to be read.
    """
    same_vi = f"Tệp giống hệt từng byte với tệp đã nhận «{first_name}» (sha256 {sha256[:12]}…)"
    same_en = f"Same bytes as the file received before, «{first_name}» (sha256 {sha256[:12]}…)"
    if reading is None:
        return f"{same_vi}; tệp đó còn chờ đọc, chỉ nạp một lần.", f"{same_en}; that one is still to be read, once."
    if reading["verdict"] not in ("quarantined", "failed"):
        return f"{same_vi}; đã được chấp nhận, không nạp lại.", f"{same_en}; it was accepted and is not loaded again."
    verdict_vi, verdict_en = {
        "quarantined": ("đang bị cách ly", "is in quarantine"),
        "failed": ("không nạp được", "failed"),
    }[reading["verdict"]]
    declared_in = f"sources/{reading['source_id']}.yml"
    return (
        f"{same_vi}; tệp đó {verdict_vi}: {reading['reason_vi']} Gửi lại y nguyên không thay đổi gì: "
        f"hãy sửa tệp rồi gửi, hoặc sửa {declared_in}, khi đó tệp được đọc lại.",
        f"{same_en}; that one {verdict_en}: {reading['reason_en']} Sending it unchanged changes nothing: "
        f"correct the file and send it, or correct {declared_in}, and it is read again.",
    )


def _why_refused(file: InboxFile) -> tuple[str, str]:
    what_vi, what_en, next_vi, next_en = {
        "symlink": (
            "là liên kết tượng trưng",
            "is a symbolic link",
            "đặt chính tệp vào đó",
            "put the file itself there",
        ),
        "special": (
            "không phải tệp thường",
            "is not a regular file",
            "đặt tệp thường vào đó",
            "put a plain file there",
        ),
        "folder": (
            "là thư mục con",
            "is a folder inside a folder",
            "để tệp nằm ngay trong inbox/<source_id>/",
            "files must lie directly in inbox/<source_id>/: move them there",
        ),
        "no_name": (
            "có tên không dùng được làm tên tệp",
            "has a name that is no plain file name",
            "đổi tên trên máy chủ",
            "rename it on the server",
        ),
        "too_large": (
            "lớn hơn giới hạn remote_file_limit_mb",
            "is larger than remote_file_limit_mb",
            "tăng giới hạn trong sotinh.toml hoặc chia nhỏ tệp",
            "raise the limit in sotinh.toml or split the file",
        ),
        "unreadable": ("không đọc được (thiếu quyền)", "cannot be read", "cho phép đọc", "give permission to read it"),
    }[str(file.odd)]
    return (
        f"«{file.place}» trong hộp thư đến {what_vi} nên không được nhận; hãy {next_vi}.",
        f"«{file.place}» in the inbox {what_en} and was not taken; {next_en}.",
    )


def _why_unknown(file: InboxFile) -> tuple[str, str]:
    if not file.folder:
        return (
            f"Tệp «{file.name}» nằm ngay trong hộp thư đến, không thuộc nguồn nào; hãy chuyển vào inbox/<source_id>/.",
            f"The file «{file.name}» lies directly in the inbox, so its source is not known; "
            "move it into inbox/<source_id>/.",
        )
    return (
        f"Thư mục «{file.folder}» không ứng với nguồn nào; hãy thêm sources/{file.folder}.yml trong thư mục dữ liệu, "
        "hoặc chuyển tệp vào thư mục của nguồn đã có.",
        f"No source is called «{file.folder}»; add sources/{file.folder}.yml to the home, "
        "or move the file into the folder of a known source.",
    )
