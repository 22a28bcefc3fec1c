"""A real PostgreSQL on a socket of its own: no port, no password, gone with the test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.required import missing

SERVER_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
SERVER_USER = "postgres"  # the server refuses to run as root


@contextmanager
def running_postgres() -> Iterator[str]:
    """A new server with an empty database; gives the SQLAlchemy URL of it.

    A folder right under the system's temporary one: the path of a socket may have 107 characters.
    """
    found = shutil.which("initdb", path=f"{SERVER_FOLDERS[-1] if SERVER_FOLDERS else ''}:{os.environ.get('PATH', '')}")
    if not found:
        missing("there is no PostgreSQL server here (Debian: postgresql)")
    if not find_spec("psycopg"):
        missing("Python's driver of PostgreSQL is not installed (psycopg)")
    programs = Path(str(found)).resolve().parent
    user = SERVER_USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="sotinh-pg-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data = Path(folder, "data")
        as_user = {"user": user, "cwd": folder, "check": True, "stdout": subprocess.DEVNULL}
        made = [programs / "initdb", "--pgdata", data, "--username", "sotinh", "--auth", "trust", "--encoding", "UTF8"]
        subprocess.run(made, **as_user)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = [programs / "pg_ctl", "--pgdata", data, "--wait", "--silent"]
        subprocess.run([*control, "--log", Path(folder, "log"), "--options", options, "start"], **as_user)
        try:
            yield f"postgresql+psycopg://sotinh@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "--mode", "immediate", "stop"], **as_user)
