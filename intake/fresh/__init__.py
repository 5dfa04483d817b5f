"""What a new study directory gets beside the shipped study, so that a municipality can put it under version control.

The directory's own README (German), `.gitignore`, tests of its forms, and what a checking service calls.
"""

from __future__ import annotations

from pathlib import Path

from validation.messages import say

_HERE = Path(__file__).parent
_COPIED = {
    "gitignore": ".gitignore",
    "test_study.py.txt": "tests/test_study.py",
    "run.txt": ".ci/run",
    "ci.md": ".ci/README.md",
}
OURS = ("README.md", "README.en.md", *_COPIED.values())
"""What `furnish` writes, relative to the study directory."""


def furnish(study: Path, *, title: str, forms: tuple[str, ...], alone: bool) -> None:
    """Put `OURS` into a study directory that was copied just now; its README becomes README.en.md.

    `forms` are the names of its forms, the first one is the example; `alone`: people fill in by themselves.
    """
    shipped = study / "README.md"
    if shipped.exists():
        shipped.rename(study / "README.en.md")
    commands = say("cli.new_commands_self" if alone else "cli.new_commands", form=forms[0])
    text = (_HERE / "README.md").read_text(encoding="utf-8")
    for name, said in {"title": title, "form": forms[0], "commands": commands}.items():
        text = text.replace(f"{{{name}}}", said)
    (study / "README.md").write_text(text, encoding="utf-8")
    for source, target in _COPIED.items():
        place = study / target
        place.parent.mkdir(exist_ok=True)
        place.write_text((_HERE / source).read_text(encoding="utf-8"), encoding="utf-8")
    (study / ".ci" / "run").chmod(0o755)
