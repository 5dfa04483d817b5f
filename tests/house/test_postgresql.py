"""The server that the team store will be tested against is real, recent and private."""

from __future__ import annotations

import psycopg
import pytest

from scenario.postgresql import Cluster

pytestmark = pytest.mark.postgresql


def test_a_private_cluster_of_version_15_or_newer_answers_over_its_socket_only(postgresql: Cluster) -> None:
    with psycopg.connect(postgresql.dsn()) as connection:
        assert connection.info.server_version >= 150000
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
