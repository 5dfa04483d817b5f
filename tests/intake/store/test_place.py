from __future__ import annotations

import errno
from pathlib import Path

import pytest

from intake.store.place import full_or_closed
from validation.errors import StoreFull


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "store.full"),
        (errno.EFBIG, "store.full"),
        (errno.EACCES, "store.read_only"),
        (errno.EROFS, "store.read_only"),
        (errno.ENOENT, "store.no_directory"),
        (errno.EIO, "store.disk"),
    ],
)
def test_each_reason_has_its_refusal(number: int, code: str) -> None:
    refusal = full_or_closed(OSError(number, "as the system says"), Path("there/store.db"))
    assert refusal.code == code
    assert isinstance(refusal, StoreFull) == (code == "store.full")
    assert "there" in str(refusal)
