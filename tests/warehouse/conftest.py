"""Servers on which a publisher may put files, with the environment of somebody whom they know."""

import pytest

from tests.warehouse.publisher import Publisher


@pytest.fixture(params=["sftp", "s3"])
def publisher(request, tmp_path, monkeypatch):
    server = request.getfixturevalue(f"{request.param}_server")
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return Publisher(request.param, server, tmp_path / "remote")


@pytest.fixture
def sftp(sftp_server, tmp_path, monkeypatch):
    for name, value in sftp_server.variables.items():
        monkeypatch.setenv(name, value)
    return Publisher("sftp", sftp_server, tmp_path / "remote")


@pytest.fixture
def s3(s3_server, tmp_path, monkeypatch):
    for name, value in s3_server.variables.items():
        monkeypatch.setenv(name, value)
    return Publisher("s3", s3_server, tmp_path / "remote")
