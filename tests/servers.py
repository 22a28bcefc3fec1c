"""Real servers on loopback for inboxes on other machines: OpenSSH's `sshd` and an S3 server over HTTP."""

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.required import missing

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
KEYGEN = shutil.which("ssh-keygen")
SFTP = shutil.which("sftp-server", path="/usr/lib/openssh:/usr/libexec/openssh:/usr/lib/ssh:/usr/libexec")
NOBODY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "only-for-the-test", "AWS_REGION": "ap-southeast-1"}

CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin yes
StrictModes no
UsePAM no
LogLevel VERBOSE
MaxStartups 100
Subsystem sftp {sftp} -e -l INFO 2>>{folder}/files
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class SftpServer:
    """A running `sshd`; `variables` are those of a user whom it knows and who knows it."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def variables(self) -> dict[str, str]:
        return {
            "SOTINH_SFTP_KEY_FILE": str(self.folder / "user_key"),
            "SOTINH_SFTP_KNOWN_HOSTS": str(self.folder / "known_hosts"),
        }

    def url(self, inbox: Path, port: int | None = None) -> str:
        return f"sftp://{getpass.getuser()}@127.0.0.1:{port or self.port}{inbox}"

    def is_also_at(self, port: int) -> None:
        """Let users know the server by another port, of a way that leads to it."""
        known = self.folder / "known_hosts"
        first = known.read_text().splitlines()[0]
        known.write_text(f"{known.read_text()}{first.replace(str(self.port), str(port))}\n")

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def opened(self) -> list[str]:
        """Names of the files that were opened for reading, in order, since the server began."""
        lines = (self.folder / "files").read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.split('"')[1].rpartition("/")[2] for line in lines if line.startswith("open ")]


@contextmanager
def running_sshd(folder: Path) -> Iterator[SftpServer]:
    if not (SSHD and KEYGEN and SFTP):
        missing("the SFTP server is missing: apt-get install openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd wants it when it is started as root
    folder.mkdir()
    for name in ("host_key", "user_key"):
        subprocess.run([KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = free_port()
    kind, key, *_ = (folder / "host_key.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
    (folder / "config").write_text(CONFIG.format(folder=folder, port=port, sftp=SFTP))
    process = subprocess.Popen([SSHD, "-D", "-f", folder / "config", "-E", folder / "log"])
    try:
        await_port(port)
        yield SftpServer(folder, port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def await_port(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@dataclass
class S3Server:
    """A running S3 server.

    `requests` are those it got: method and path. `answer_first` are answers, status and code of an error each, that it
    gives to the next requests before it serves them again.
    """

    endpoint: str
    requests: list[tuple[str, str]]
    answer_first: list[str]

    @property
    def variables(self) -> dict[str, str]:
        return {**NOBODY, "AWS_ENDPOINT_URL": self.endpoint}

    @cached_property
    def client(self) -> Any:
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=NOBODY["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=NOBODY["AWS_SECRET_ACCESS_KEY"],
            region_name=NOBODY["AWS_REGION"],
        )

    def bucket(self, name: str) -> str:
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": NOBODY["AWS_REGION"]})
        return name

    def upload(self, folder: Path, bucket: str, prefix: str) -> None:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.client.upload_file(str(file), bucket, f"{prefix}/{file.relative_to(folder)}")


@contextmanager
def running_s3() -> Iterator[S3Server]:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    requests: list[tuple[str, str]] = []
    answer_first: list[str] = []
    application = DomainDispatcherApplication(create_backend_app)

    def noted(environment, start):
        requests.append((environment["REQUEST_METHOD"], environment["PATH_INFO"]))
        if answer_first:
            status, code = answer_first.pop(0).rsplit(" ", 1)
            start(status, [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()]
        return application(environment, start)

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, noted, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield S3Server(f"http://127.0.0.1:{server.server_port}", requests, answer_first)
    finally:
        server.shutdown()
        thread.join(timeout=30)


@contextmanager
def proxy(port: int, refuse_first: int) -> Iterator[tuple[int, list[int]]]:
    """A way to a server that hangs up on the first connections; yields its port and a list that grows with each one."""
    seen: list[int] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                seen.append(len(seen))
                if len(seen) <= refuse_first:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", port))
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
