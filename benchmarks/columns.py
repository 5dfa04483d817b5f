"""How many expressions of forms are judged over columns: `python benchmarks/columns.py DIR…` reads every XForm in them.

Constants are left out. What has no form over columns is named, with why, after the figures.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from validation import read_form
from validation.errors import FormError
from validation.verdicts import coverage


def main() -> None:
    """Read the forms and print a row a kind of expression."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path)
    total: Counter[str] = Counter()
    column: Counter[str] = Counter()
    missing: list[str] = []
    forms = 0
    for path in sorted(path for directory in parser.parse_args().directories for path in directory.rglob("*.xml")):
        try:
            form = read_form(path.read_bytes())
        except FormError:
            continue
        found = coverage(form)
        forms += 1
        total.update(found.total)
        column.update(found.column)
        missing.extend(f"{path.name}: {each.nodeset} {each.attribute}: {each.why}" for each in found.missing)
    print(f"{forms} forms")
    for kind, count in total.most_common():
        print(f"{kind:<11} {column[kind]:>5} of {count:>5}  {100 * column[kind] / count:5.1f} %")
    print(*missing, sep="\n")


if __name__ == "__main__":
    main()
