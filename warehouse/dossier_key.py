"""The private key of one home: what makes the number of a dossier a key that nobody outside can compute.

Made once and never changed: with another key every known dossier would come back as a new one and count twice.
"""

import hashlib
import os
from collections.abc import Callable

from warehouse.errors import StoreError, clear_errors
from warehouse.files import put_in_place, temporary
from warehouse.ledger import Ledger, entries
from warehouse.paths import HomePaths

KEY_BYTES = 32


def dossier_key(paths: HomePaths, ledger: Ledger, new_key: Callable[[], bytes]) -> bytes:
    """The key in `<home>/dossier.key`, made (mode 0600) when no log was ever accepted; call it under the home's lock.

    Args:
        paths: the home.
        ledger: tells whether there are dossiers under a key, and which.
        new_key: gives 32 random bytes.

    Raises:
        StoreError: the key is lost, cut short, or not the one the home's dossiers were keyed with.
    """
    used = _used_key_id(ledger)
    with clear_errors("đọc khóa hồ sơ", "reading the dossier key"):
        if not paths.dossier_key.exists() and used is None:
            part = temporary(paths.dossier_key)
            part.unlink(missing_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(new_key())
            put_in_place(part, paths.dossier_key)
        key = paths.dossier_key.read_bytes() if paths.dossier_key.exists() else b""
    if len(key) != KEY_BYTES or used not in (None, key_id(key)):
        raise StoreError(
            f"{paths.dossier_key} bị mất hoặc không phải khóa đã dùng cho các hồ sơ trong kho; hãy khôi phục từ bản "
            "sao lưu (nếu không, mọi hồ sơ sẽ bị đếm hai lần).",
            f"{paths.dossier_key} is lost or not the key the dossiers in the lake were keyed with; restore it from a "
            "backup (or every dossier would be counted twice).",
        )
    return key


def key_id(key: bytes) -> str:
    """What tells one key from another and gives none away."""
    return hashlib.sha256(b"sotinh dossier key\n" + key).hexdigest()[:16]


def _used_key_id(ledger: Ledger) -> str | None:
    found = entries(ledger, "load", containing='"dossier_key_id":"')
    return str(found[-1].payload["dossier_key_id"]) if found else None
