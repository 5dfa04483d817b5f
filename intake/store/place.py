"""Why a file cannot be written, as one of our refusals."""

from __future__ import annotations

import errno
from pathlib import Path

from validation.errors import StoreError, StoreFull

_NO_SPACE = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
)  # Windows knows no EDQUOT
_NOT_ALLOWED = frozenset((errno.EACCES, errno.EPERM, errno.EROFS))


def full_or_closed(error: OSError, path: Path) -> StoreError:
    """StoreFull for no space (disk, quota, size limit), 'store.read_only' for no permission, 'store.no_directory' when
    the directory is missing, else 'store.disk'."""
    if error.errno in _NO_SPACE:
        return StoreFull("store.full", path=path)
    if error.errno in _NOT_ALLOWED:
        return StoreError("store.read_only", path=path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return StoreError("store.no_directory", path=path.parent)
    return StoreError("store.disk", path=path)
