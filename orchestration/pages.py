"""Dagster's pages and daemon for one home, on this machine only."""

import os
import sys
from typing import NoReturn

from orchestration.home import Home
from orchestration.run import instance_folder


def serve(home: Home, port: int) -> NoReturn:
    """Become Dagster's webserver and daemon: signals and the exit code are theirs. They listen on loopback only."""
    os.environ["SOTINH_HOME"], os.environ["SOTINH_INBOX"] = str(home.paths.home), home.only_inbox
    instance_folder(home)
    arguments = ["dev", "-m", "orchestration.definitions", "-h", "127.0.0.1", "-p", str(port)]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *arguments])
