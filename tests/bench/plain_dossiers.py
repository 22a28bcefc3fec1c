"""Runs `plain_dossiers.sql`: `-m tests.bench.plain_dossiers INBOX OUT` makes `OUT/lake` and `OUT/plain.duckdb`."""

import os
import sys
from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_suffix(".sql")


def main(inbox: Path, out: Path) -> None:
    out.mkdir(parents=True)
    os.chdir(out)
    with duckdb.connect("plain.duckdb") as connection:
        connection.execute("set variable inbox = $inbox", {"inbox": str(inbox)})
        connection.execute(SCRIPT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
