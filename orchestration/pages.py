"""Dagster's pages and daemon for one home, on this machine only."""

import os
import subprocess
import sys

from orchestration.home import Home
from orchestration.run import instance_folder


def serve(home: Home, port: int) -> int:
    """Run Dagster's webserver and daemon until interrupted; they listen on the loopback address alone.

    Returns:
        Dagster's exit code.
    """
    os.environ["SOTINH_HOME"], os.environ["SOTINH_INBOX"] = str(home.paths.home), str(home.inbox)
    instance_folder(home)
    arguments = ["dev", "-m", "orchestration.definitions", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run([sys.executable, "-m", "dagster", *arguments], check=False).returncode
