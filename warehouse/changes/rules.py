"""What a build was made with beside the loads: fingerprints of code, seeds, source YAMLs and corrections."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.files import make_folder, sha256_of

SEEDS = "seeds"


@dataclass(frozen=True)
class Rules:
    """The rules of one build.

    Attributes:
        seeds: folder of the seed tables as dbt loaded them.
        code: hash of the code without seeds, source YAMLs and corrections, which are told apart.
        sources: source id to the hash of its YAML.
        promised: source id to the indicators it is expected to report, of those that are expected to.
        corrections: hashes of the registers of known errors.
    """

    seeds: Path
    code: str
    sources: Mapping[str, str]
    promised: Mapping[str, Sequence[str]]
    corrections: Sequence[str]

    def as_facts(self) -> dict[str, Any]:
        """Fingerprints as manifest and ledger entry hold them; a seed's is the SHA-256 of its file."""
        seeds = {path.stem: sha256_of(path) for path in sorted(self.seeds.glob("*.csv"))}
        promised = {source_id: list(codes) for source_id, codes in self.promised.items()}
        told = {"code": self.code, "seeds": seeds, "sources": dict(self.sources), "promised": promised}
        return {**told, "corrections": list(self.corrections)}


def keep_seeds(rules: Rules, folder: Path) -> None:
    """Copies the seeds into `folder/seeds`: the next release names the rows that changed by them."""
    make_folder(folder / SEEDS, 0o755)
    for path in sorted(rules.seeds.glob("*.csv")):
        shutil.copyfile(path, folder / SEEDS / path.name)
