"""Settings of one home, read from `<home>/sotinh.toml`; this file is the one place that lists them."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from warehouse.errors import StoreError
from warehouse.paths import HomePaths

LEDGER_URL_VARIABLE = "SOTINH_LEDGER_URL"
_MEANING = "meaning"
_MEMORY = re.compile(r"\d+(\.\d+)? ?([KMGT]i?)B", re.IGNORECASE)


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={_MEANING: meaning})


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults; the key in `sotinh.toml` is the field's name."""

    settle_seconds: int = _setting(60, "a file in the inbox waits until nobody wrote to it for so many seconds")
    inboxes: tuple[str, ...] = _setting(
        (),
        "inboxes read besides this home's own: folders, or sftp://user@host:port/folder and s3://bucket/prefix "
        "(never with a password: see the README)",
    )
    remote_attempts: int = _setting(4, "how often a server that does not answer is asked, with growing waits")
    remote_first_wait_seconds: float = _setting(1.0, "seconds before the second attempt, doubled each time")
    remote_file_limit_mb: int = _setting(10_000, "a file on a server that is larger than so many MB is not fetched")
    keep_releases: int = _setting(10, "so many newest releases are kept for rollback, and the current one always")
    keep_logs: int = _setting(60, "so many newest logs of runs are kept under logs/")
    log_megabytes: int = _setting(
        64, "most megabytes of one run's log; beyond them its oldest lines go, so that no run can fill the disk"
    )
    keep_runs_days: int = _setting(
        90, "Dagster forgets runs older than so many days, but for the newest and those under way; the ledger keeps all"
    )
    row_count_drop_tolerance: float = _setting(
        0.2,
        "a load with fewer rows than the source's previous one by more than this share is quarantined; "
        "a dossier log gets a warning, against the log before on the same weekday",
    )
    row_count_jump_tolerance: float = _setting(
        0.5, "a load with more rows than the source's previous one by more than this share gets a warning"
    )
    revision_count_tolerance: int = _setting(
        200,
        "a release waits for approval when a source revises more published figures than this and than the share below; "
        "63 provinces with three figures each, a yearly revision of one sheet, pass",
    )
    revision_share_tolerance: float = _setting(
        0.25, "… and than this share of its figures; revisions of the last year of four or more pass"
    )
    revision_factor_tolerance: float = _setting(
        10.0,
        "a release waits for approval when a source revises a figure to so many times what it was, or to that part of "
        "it: what a slipped digit or another unit does",
    )
    deletion_count_tolerance: int = _setting(
        20,
        "a release waits for approval when a source withdraws more published figures than this and than the share "
        "below; single cells that a publisher empties pass",
    )
    deletion_share_tolerance: float = _setting(
        0.01, "… and than this share of its figures; a sheet of 63 provinces that is gone does not pass"
    )
    language: str = _setting("vi", "language of the console: vi or en")
    memory_limit: str = _setting("2GB", "most memory DuckDB may use; more goes to disk under build/")
    threads: int = _setting(0, "threads of DuckDB; 0 = as many as there are cores")
    ledger_url: str | None = _setting(
        None, f"SQLAlchemy URL of the ledger; only from the environment ({LEDGER_URL_VARIABLE}): it can hold a password"
    )


def settings_template() -> str:
    """Text of a `sotinh.toml` that changes nothing: each setting with its meaning and default, commented out."""
    head = [
        "# Settings of this home. Each line shows a default; remove its # to change it. Written once, yours to edit.",
        f"# Not here, as it can hold a password: the ledger's address, environment variable {LEDGER_URL_VARIABLE}.",
    ]
    return "\n".join(head) + "\n" + "".join(commented(f.name) for f in _fields_of_file())


def commented(key: str) -> str:
    """The lines of one setting as a new `sotinh.toml` shows them: its meaning, and its default commented out."""
    (shown,) = (f for f in fields(Settings) if f.name == key)
    return f"\n# {shown.metadata[_MEANING]}\n# {shown.name} = {json.dumps(shown.default)}\n"


def unmentioned(text: str) -> list[str]:
    """Settings of which a `sotinh.toml` says nothing, not even in a comment: newer than the file."""
    mention = r"^[# ]*(\[+{0}\b|{0}\s*[=.])"
    return [f.name for f in _fields_of_file() if not re.search(mention.format(f.name), text, re.MULTILINE)]


def _fields_of_file() -> "list[Field[Any]]":
    return [f for f in fields(Settings) if f.name != "ledger_url"]


def load_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads `<home>/sotinh.toml`; a missing file means defaults.

    Args:
        home: the home folder.
        environment: environment variables; the process's own by default.

    Raises:
        StoreError: the file is not TOML, has an unknown key (the nearest known one is named), or a value of
            the wrong type or range.
    """
    environment = os.environ if environment is None else environment
    path = HomePaths(home).settings_file
    values: dict[str, Any] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise StoreError(
                f"Tệp cấu hình {path} không đọc được: {error}.", f"The settings file {path} cannot be read: {error}."
            ) from error
    known = {f.name: f for f in _fields_of_file()}
    for key, value in values.items():
        if key not in known:
            raise _unknown_key(path, key, list(known))
        _check_type(path, key, value, known[key].default)
    values["inboxes"] = tuple(values.get("inboxes", ()))
    settings = Settings(**values, ledger_url=environment.get(LEDGER_URL_VARIABLE) or None)
    _check_ranges(path, settings)
    return settings


def _unknown_key(path: Path, key: str, known: list[str]) -> StoreError:
    if key == "ledger_url":
        return StoreError(
            f"{path}: đặt địa chỉ sổ cái bằng biến môi trường {LEDGER_URL_VARIABLE}, không ghi trong tệp.",
            f"{path}: set the ledger's address by the environment variable {LEDGER_URL_VARIABLE}, not in this file.",
        )
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    vi = f" Có phải là `{near[0]}`?" if near else f" Các khóa có: {', '.join(known)}."
    en = f" Did you mean `{near[0]}`?" if near else f" Known settings: {', '.join(known)}."
    return StoreError(f"{path}: không có cấu hình `{key}`.{vi}", f"{path}: there is no setting `{key}`.{en}")


def _check_type(path: Path, key: str, value: Any, default: Any) -> None:
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            # without the value: somebody may have written a password into it
            raise StoreError(
                f"{path}: `{key}` phải là danh sách chuỗi trong ngoặc vuông.",
                f"{path}: `{key}` must be a list of texts in square brackets.",
            )
        return
    wanted: tuple[type, ...] = (int, float) if isinstance(default, float) else (type(default),)
    if isinstance(value, bool) or not isinstance(value, wanted):
        kind = {"float": "number", "int": "whole number", "str": "text"}[type(default).__name__]
        raise StoreError(
            f"{path}: `{key}` phải có kiểu như giá trị mặc định {default!r}, nhưng là {value!r}.",
            f"{path}: `{key}` must be a {kind} (default {default!r}), but is {value!r}.",
        )


def _check_ranges(path: Path, settings: Settings) -> None:
    rules = {
        "remote_attempts": settings.remote_attempts >= 1,
        "remote_first_wait_seconds": settings.remote_first_wait_seconds >= 0,
        "remote_file_limit_mb": settings.remote_file_limit_mb >= 1,
        "settle_seconds": settings.settle_seconds >= 0,
        "keep_releases": settings.keep_releases >= 1,
        "keep_logs": settings.keep_logs >= 1,
        "log_megabytes": settings.log_megabytes >= 1,
        "keep_runs_days": settings.keep_runs_days >= 1,
        "memory_limit": _MEMORY.fullmatch(settings.memory_limit) is not None,
        "row_count_drop_tolerance": 0 <= settings.row_count_drop_tolerance <= 1,
        "row_count_jump_tolerance": settings.row_count_jump_tolerance >= 0,
        "revision_count_tolerance": settings.revision_count_tolerance >= 0,
        "revision_share_tolerance": 0 <= settings.revision_share_tolerance <= 1,
        "revision_factor_tolerance": settings.revision_factor_tolerance > 1,
        "deletion_count_tolerance": settings.deletion_count_tolerance >= 0,
        "deletion_share_tolerance": 0 <= settings.deletion_share_tolerance <= 1,
        "language": settings.language in {"vi", "en"},
        "threads": settings.threads >= 0,
    }
    for key, holds in rules.items():
        if not holds:
            value = getattr(settings, key)
            raise StoreError(
                f"{path}: giá trị {value!r} của `{key}` nằm ngoài phạm vi cho phép.",
                f"{path}: the value {value!r} of `{key}` is out of range.",
            )
