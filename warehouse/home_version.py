"""How a home is laid out, as one whole number in `<home>/version`; `sotinh migrate` takes an older home to this one.

Homes made before the number existed have no such file and are of version 0.
"""

import os

from warehouse.errors import StoreError, clear_errors
from warehouse.files import put_in_place
from warehouse.paths import HomePaths

# Raised, with a migration, whenever a home made before would be misread: another layout, meaning or storage.
HOME_VERSION = 1


def is_new(paths: HomePaths) -> bool:
    """Whether nobody ever worked in the folder: an administrator may have made it, only we make `landing`."""
    return not (paths.version.exists() or paths.landing.exists())


def home_version(paths: HomePaths) -> int:
    """The version of a home; a new one has ours.

    Raises:
        StoreError: the file holds no whole number.
    """
    if is_new(paths):
        return HOME_VERSION
    with clear_errors(f"đọc {paths.version}", f"reading {paths.version}"):
        text = paths.version.read_text(encoding="utf-8", errors="replace").strip() if paths.version.exists() else "0"
    if not (text.isascii() and text.isdigit()):
        raise StoreError(
            f"{paths.version} phải chứa một số nguyên, nhưng chứa {text[:40]!r}; hãy khôi phục từ bản sao lưu.",
            f"{paths.version} must hold a whole number, but holds {text[:40]!r}; restore it from a backup.",
        )
    return int(text)


def require_version(paths: HomePaths) -> None:
    """Refuses a home that this code would misread.

    Raises:
        StoreError: the home is of an older version (the command that migrates it is named) or of a newer one.
    """
    found = home_version(paths)
    if found > HOME_VERSION:
        raise newer(paths, found)
    if found < HOME_VERSION:
        raise StoreError(
            f"Kho {paths.home} thuộc phiên bản {found}, bản cài này cần phiên bản {HOME_VERSION}. Chưa có gì bị thay "
            "đổi. Hãy chạy: sotinh migrate --yes (không có --yes thì chỉ xem kế hoạch).",
            f"The home {paths.home} is of version {found}, this installation needs version {HOME_VERSION}. Nothing was "
            "changed. Run: sotinh migrate --yes (without --yes it only shows the plan).",
        )


def newer(paths: HomePaths, found: int) -> StoreError:
    """The refusal of a home that newer code has made or migrated."""
    return StoreError(
        f"Kho {paths.home} thuộc phiên bản {found}, mới hơn phiên bản {HOME_VERSION} mà bản cài này hiểu. Hãy nâng cấp "
        "sotinh; chưa có gì bị thay đổi.",
        f"The home {paths.home} is of version {found}, newer than version {HOME_VERSION} that this installation knows. "
        "Upgrade sotinh; nothing was changed.",
    )


def write_version(paths: HomePaths) -> None:
    """Writes our version, all at once and durably: the last step of a migration, the first of a new home."""
    part = paths.version.with_name(f".tmp-version-{os.getpid()}")  # two commands may make one home at the same moment
    part.write_text(f"{HOME_VERSION}\n", encoding="ascii")
    put_in_place(part, paths.version)
