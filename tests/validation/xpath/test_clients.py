"""validation/xpath/clients.py: what is said about clients is said about functions we have."""

from __future__ import annotations

from validation.xpath.clients import CLIENTS
from validation.xpath.functions import table


def test_every_function_named_is_one_of_ours() -> None:
    for client in CLIENTS.values():
        assert client.lacks | client.most.keys() <= table().keys()
        for name, most in client.most.items():
            assert table()[name].takes(most + 1)
