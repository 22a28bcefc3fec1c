"""The files of the lake that a load's ledger entry lists."""

from collections.abc import Mapping
from typing import Any

from warehouse.files import sha256_of
from warehouse.paths import HomePaths


def listed_files(payload: Mapping[str, Any]) -> list[str]:
    """Files of the lake that a load's entry lists, by their names relative to the home."""
    return [*payload["lake_files"], *filter(None, [payload["rejected_file"]]), *payload.get("index_files", ())]


def with_hashes(paths: HomePaths, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A load's payload that also tells the SHA-256 of each file it lists, in `file_hashes`."""
    return {**payload, "file_hashes": {name: sha256_of(paths.home / name) for name in listed_files(payload)}}


def missing_files(paths: HomePaths, payload: Mapping[str, Any]) -> list[str]:
    """Those of the listed files that the lake lacks."""
    return [name for name in listed_files(payload) if not (paths.home / name).is_file()]
