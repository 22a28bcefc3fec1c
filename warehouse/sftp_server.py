"""Inboxes on SFTP servers: who we are, who the server must prove to be, and which of its faults may pass.

From the environment, all optional: `SOTINH_SFTP_KEY_FILE` (and `SOTINH_SFTP_KEY_PASSPHRASE`) or `SOTINH_SFTP_PASSWORD`;
without them the keys of the agent and of `~/.ssh`. `SOTINH_SFTP_KNOWN_HOSTS` is read instead of `~/.ssh/known_hosts`.
"""

import errno
import logging
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko.ssh_exception import NoValidConnectionsError

from warehouse.errors import InboxFault
from warehouse.inbox_address import RemoteAddress

CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
SYSTEM_KNOWN_HOSTS = Path("/etc/ssh/ssh_known_hosts")
PIECES_UNDER_WAY = 64  # of 32 KiB
NO_LOGIN = "No authentication methods available"  # paramiko has no class for it
PASSING = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EPIPE})

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # it writes tracebacks of faults that we report ourselves


class SftpFiles(SFTPFileSystem):
    """Files of one server, which must be in known_hosts; symlinks and special files are told from plain ones.

    Secrets go from the environment straight to the connection: a file system keeps its options and shows them.
    """

    cachable = False

    def __init__(self, address: RemoteAddress) -> None:
        self.address = address
        super().__init__(address.host)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        for file in _known_hosts(os.environ):
            self.client.load_system_host_keys(str(file))
        self.client.set_missing_host_key_policy(_Unknown(self.address))
        try:
            self.client.connect(
                self.address.host,
                port=self.address.port,
                username=self.address.user,
                timeout=CONNECT_SECONDS,
                banner_timeout=CONNECT_SECONDS,
                auth_timeout=CONNECT_SECONDS,
                **_login(os.environ),
            )
            self.ftp = self.client.open_sftp()
        except BaseException:
            self.client.close()
            raise
        self.ftp.get_channel().settimeout(ANSWER_SECONDS)

    def close(self) -> None:
        """End the connection."""
        self.client.close()

    def info(self, path: str) -> dict[str, Any]:
        """Facts of a name itself, not of what a symlink points to."""
        return {**self._decode_stat(self.ftp.lstat(path)), "name": path}

    @staticmethod
    def _decode_stat(facts: paramiko.SFTPAttributes, parent_path: str | None = None) -> dict[str, Any]:
        told: dict[str, Any] = SFTPFileSystem._decode_stat(facts, parent_path)
        if told["type"] == "file" and not stat.S_ISREG(facts.st_mode or 0):
            told["type"] = "other"
        return told


class _Unknown(paramiko.MissingHostKeyPolicy):
    """Refuses a server that is not in known_hosts, and says how it gets there."""

    def __init__(self, address: RemoteAddress) -> None:
        self.address = address

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        scan = f"ssh-keyscan -p {self.address.port} {self.address.host} >> ~/.ssh/known_hosts"
        raise InboxFault(
            str(self.address),
            f"Máy chủ chưa có trong known_hosts nên không được tin (khóa {key.fingerprint}). Hãy hỏi đơn vị quản lý "
            f"máy chủ để đối chiếu, rồi chạy: {scan}",
            f"The server is not in known_hosts and is not trusted (its key: {key.fingerprint}). Compare the key with "
            f"the server's owner, then run: {scan}",
            is_whole=True,
        )


def connect(address: RemoteAddress) -> SftpFiles:
    """Open a connection.

    Raises:
        InboxFault: the server is not who it should be, or does not let us in.
        OSError: and what else paramiko raises where it cannot be reached.
    """
    try:
        return SftpFiles(address)
    except paramiko.BadHostKeyException as error:
        shown = error.key.fingerprint
        vi = f"Khóa của máy chủ ({shown}) khác với known_hosts: có thể là máy giả mạo; hãy hỏi đơn vị quản lý máy chủ."
        en = f"The server's key ({shown}) differs from known_hosts: it may be another machine; ask its owner."
    except (paramiko.AuthenticationException, paramiko.SSHException) as error:
        if not isinstance(error, paramiko.AuthenticationException) and str(error) != NO_LOGIN:
            raise
        vi = "Máy chủ từ chối đăng nhập; hãy kiểm tra người dùng, khóa hoặc mật khẩu (SOTINH_SFTP_…)."
        en = "The server refuses the login; check user, key or password (SOTINH_SFTP_…)."
    raise InboxFault(str(address), vi, en, is_whole=True)


def open_file(files: SftpFiles, path: str, size: int) -> Any:
    """Open a file with many pieces of it under way at once: else each would wait for the one before."""
    file = files.ftp.open(path, "rb")
    file.prefetch(size, PIECES_UNDER_WAY)
    return file


def is_passing(error: BaseException) -> bool:
    """Whether the same request may well succeed a little later."""
    if isinstance(error, socket.gaierror):
        return error.errno == socket.EAI_AGAIN
    if isinstance(error, paramiko.IncompatiblePeer):
        return False
    lost = (ConnectionError, TimeoutError, EOFError, paramiko.SSHException, NoValidConnectionsError)
    return isinstance(error, lost) or (isinstance(error, OSError) and error.errno in PASSING)


def is_error(_error: FileNotFoundError) -> bool:
    """Whether a folder that is not found is an error: here always."""
    return True


def _known_hosts(environment: Mapping[str, str]) -> list[Path]:
    own = Path(environment.get("SOTINH_SFTP_KNOWN_HOSTS") or "~/.ssh/known_hosts").expanduser()
    return [file for file in (own, SYSTEM_KNOWN_HOSTS) if file.is_file()]


def _login(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the server may ask for: the key or password that was named, else what agent and `~/.ssh` hold."""
    key_file, password = environment.get("SOTINH_SFTP_KEY_FILE"), environment.get("SOTINH_SFTP_PASSWORD")
    is_named = bool(key_file or password)
    return {
        "key_filename": key_file or None,
        "passphrase": environment.get("SOTINH_SFTP_KEY_PASSPHRASE") or None,
        "password": password or None,
        "allow_agent": not is_named,
        "look_for_keys": not is_named,
    }
