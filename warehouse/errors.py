"""Errors of the store, each one sentence a person can act on, in Vietnamese and in English."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class StoreError(Exception):
    """Something the store cannot do; `str()` is the English sentence, `.vi` and `.en` hold both."""

    def __init__(self, vi: str, en: str) -> None:
        """Keeps both sentences."""
        super().__init__(en)
        self.vi = vi
        self.en = en


class BalanceError(StoreError):
    """Rows were lost or counted twice: rows_read is not accepted + rejected + superseded."""


class GateRefused(StoreError):
    """The publish gate does not let this build out; the current release stays."""


class InboxFault(StoreError):
    """An inbox, a folder or a file in it that cannot be read tonight; the others can.

    `.place` names it, `.is_whole` says whether nothing more can be had from the inbox.
    """

    def __init__(self, place: str, vi: str, en: str, *, is_whole: bool = False) -> None:
        """Keeps both sentences and what they are about."""
        super().__init__(vi, en)
        self.place = place
        self.is_whole = is_whole

    def as_row(self) -> dict[str, str]:
        """Plain values for reports."""
        return {"inbox": self.place, "reason_vi": self.vi, "reason_en": self.en}


class LockHeld(StoreError):
    """Another run works in this home; `.pid` is its process id where known."""

    def __init__(self, vi: str, en: str, pid: int | None) -> None:
        """Keeps both sentences and the holder."""
        super().__init__(vi, en)
        self.pid = pid


@contextmanager
def clear_errors(doing_vi: str, doing_en: str) -> Iterator[None]:
    """Turns faults of disk and database into a `StoreError` that says what was being done and what to do next.

    Args:
        doing_vi: what was being done, as a Vietnamese phrase ("công bố bản phát hành").
        doing_en: the same in English ("publishing the release").

    Raises:
        StoreError: in place of OSError, duckdb.Error and SQLAlchemy's errors; anything else passes unchanged.
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise _sentence(error.errno, doing_vi, doing_en, f"{error.strerror}{where}") from error
    except Exception as error:
        # by module name: importing duckdb or sqlalchemy here would cost every quiet night
        if type(error).__module__.partition(".")[0] not in {"duckdb", "_duckdb", "sqlalchemy", "sqlite3"}:
            raise
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        full = "no space left" in detail.lower() or "disk is full" in detail.lower()
        raise _sentence(errno.ENOSPC if full else None, doing_vi, doing_en, detail) from error


def _sentence(code: int | None, doing_vi: str, doing_en: str, detail: str) -> StoreError:
    if code in _DISK_FULL:
        return StoreError(
            f"Hết chỗ trên đĩa khi {doing_vi} ({detail}). Hãy giải phóng chỗ rồi chạy lại; bản hiện hành vẫn nguyên.",
            f"The disk is full while {doing_en} ({detail}). Free some space and run again; "
            "the current release is untouched.",
        )
    if code in _NOT_WRITABLE:
        return StoreError(
            f"Không có quyền ghi khi {doing_vi} ({detail}). Hãy sửa quyền truy cập rồi chạy lại.",
            f"No permission while {doing_en} ({detail}). Correct the permissions and run again.",
        )
    return StoreError(
        f"Lỗi khi {doing_vi}: {detail}. Hãy khắc phục rồi chạy lại; bản hiện hành vẫn nguyên.",
        f"Failed while {doing_en}: {detail}. Correct the cause and run again; the current release is untouched.",
    )
