"""Where an inbox is: a folder of this machine, or a place on a server, written as a URL without any secret."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from warehouse.errors import StoreError

EXAMPLES = "sftp://user@host:22/folder, s3://bucket/prefix"


@dataclass(frozen=True)
class RemoteAddress:
    """An inbox on another machine.

    Attributes:
        scheme: `sftp` or `s3`.
        host: the server; of S3 the bucket, its server being named by the environment.
        port: of SFTP, 22 unless given.
        user: of SFTP; the user of this process unless given.
        path: the folder, absolute; of S3 the prefix, without slashes around it, maybe empty.
    """

    scheme: str
    host: str
    port: int
    user: str | None
    path: str

    def __str__(self) -> str:
        """The address under which its files are remembered and reported: without the user, who may change."""
        if self.scheme == "s3":
            return f"s3://{self.root}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"sftp://{host}:{self.port}{self.path.rstrip('/')}"

    @property
    def root(self) -> str:
        """The folder as the server's file system names it."""
        return f"{self.host}/{self.path}".rstrip("/") if self.scheme == "s3" else self.path


def inbox_address(text: str, relative_to: Path) -> Path | RemoteAddress:
    """Reads the address of an inbox.

    Args:
        text: a folder, or a URL with `sftp` or `s3`.
        relative_to: the folder that a relative path starts from.

    Raises:
        StoreError: an unknown kind of URL, one without server or bucket, or one that holds a password; the text is not
            repeated where it could hold one.
    """
    if "://" not in text:
        return relative_to / Path(text).expanduser()
    try:
        url = urlsplit(text)
        port = url.port or 22
    except ValueError as error:
        raise _refused("không đúng dạng", "is not well formed") from error
    if url.password is not None or (url.scheme == "s3" and url.username is not None):
        raise _refused(
            "có mật khẩu hoặc khóa; hãy bỏ khỏi địa chỉ và đặt bằng biến môi trường (SOTINH_SFTP_PASSWORD, AWS_…)",
            "holds a password or key; take it out and set it in the environment (SOTINH_SFTP_PASSWORD, AWS_…)",
        )
    if url.scheme not in ("sftp", "s3") or not url.hostname or url.query or url.fragment:
        raise _refused(f"không dùng được; cách viết: {EXAMPLES}", f"cannot be used; it is written {EXAMPLES}")
    return _remote(url, port)


def _remote(url: SplitResult, port: int) -> RemoteAddress:
    if url.scheme == "s3":
        return RemoteAddress("s3", url.netloc, 0, None, url.path.strip("/"))
    user = unquote(url.username) if url.username else None
    return RemoteAddress("sftp", str(url.hostname), port, user, url.path.rstrip("/") or "/")


def _refused(why_vi: str, why_en: str) -> StoreError:
    return StoreError(f"Địa chỉ hộp thư đến {why_vi}.", f"The address of an inbox {why_en}.")
