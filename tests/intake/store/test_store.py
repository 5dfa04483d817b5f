"""The door: what `open_store` accepts, and that asking for it loads no database."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import intake.store
from intake.store import open_store
from scenario.stores import KEY, files, new_store
from validation.errors import StoreError, WrongKey


def test_importing_the_protocol_loads_no_database() -> None:
    program = "import sys, intake.store; sys.exit(bool({'sqlcipher3', 'sqlite3', 'pandas', 'lxml'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_path_may_be_text(tmp_path: Path) -> None:
    new_store(tmp_path / "ä b#?%.db").close()
    with open_store(str(tmp_path / "ä b#?%.db"), key=KEY) as store:
        assert len(store.forms()) == 1


@pytest.mark.parametrize("target", ["mysql://user:secret@host/base", "sqlite:///x.db"])
def test_an_address_is_refused_without_repeating_what_may_be_secret(target: str) -> None:
    with pytest.raises(StoreError, match="noch nicht unterstützt") as caught:
        open_store(target, key=KEY)
    assert "secret" not in str(caught.value)


def test_exactly_one_key_is_needed(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        open_store(tmp_path / "store.db", create=True)
    with pytest.raises(TypeError):
        open_store(tmp_path / "store.db", key=KEY, key_file=tmp_path / "store.key", create=True)
    assert files(tmp_path) == {}


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_a_key_of_another_length_is_refused(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(WrongKey, match="32 Byte"):
        open_store(tmp_path / "store.db", key=key, create=True)
    assert files(tmp_path) == {}


def test_the_readme_runs(tmp_path: Path) -> None:
    text = Path(intake.store.__file__).with_name("README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    program = f"import sys; sys.path.insert(0, {str(Path(intake.__path__[0]).parent)!r})\n{block}"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
    assert sorted(files(tmp_path)) == ["store.db", "store.db.ways", "store.db.ways.copy", "store.key"]
