"""Inboxes in buckets of S3 and of servers that speak its language, and which of their faults may pass.

Who we are and where the server is, botocore reads itself: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_SESSION_TOKEN`, `AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL` (or `AWS_ENDPOINT_URL_S3`), `AWS_CA_BUNDLE`, and
the user's `~/.aws`.
"""

from typing import Any

import botocore.exceptions
from aiohttp import ClientPayloadError
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, SSLError
from botocore.parsers import ResponseParserError
from s3fs import S3FileSystem
from s3fs.utils import FileExpired

from warehouse.inbox_address import RemoteAddress

CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
PIECE = 8 << 20
THROTTLED = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestLimitExceeded"})
PASSING = (
    ConnectionError,
    TimeoutError,
    botocore.exceptions.ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseParserError,
    ClientPayloadError,
    FileExpired,  # replaced while it was read: the next attempt sees that it changed
)


class S3Files(S3FileSystem):
    """Files of one bucket's server; every request is made once, as our own repetition counts the attempts."""

    cachable = False
    retries = 1

    def close(self) -> None:
        """Nothing to end: the client closes its connections itself."""


def connect(_address: RemoteAddress) -> S3Files:
    """Make a file system; nothing is asked of the server yet."""
    once = {"retries": {"total_max_attempts": 1}, "connect_timeout": CONNECT_SECONDS, "read_timeout": ANSWER_SECONDS}
    return S3Files(use_listings_cache=False, config_kwargs=once)


def open_file(files: S3Files, path: str, _size: int) -> Any:
    """Open an object, read in pieces of 8 MiB, each one request."""
    return files.open(path, "rb", block_size=PIECE, cache_type="readahead")


def is_passing(error: BaseException) -> bool:
    """Whether the same request may well succeed a little later."""
    if isinstance(error.__cause__, ClientError):
        answer = error.__cause__.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or status == 429 or answer.get("Error", {}).get("Code") in THROTTLED
    return isinstance(error, PASSING) and not isinstance(error, SSLError)


def is_error(error: FileNotFoundError) -> bool:
    """Whether a folder that is not found is an error: a bucket is one, a prefix without a key is just empty."""
    return isinstance(error.__cause__, ClientError)
