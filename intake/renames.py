"""What a nodeset of an earlier version is called now, by the renamings of a study (`intake.versions.read_renames`).

Merging tables, comparing forms and counting answers follow the same rule; comparing two forms needs no tables.
"""

from __future__ import annotations

from collections.abc import Mapping


def renamed(nodeset: str, renames: Mapping[str, str]) -> str:
    """By its own renaming, or by that of the innermost group around it; itself where there is none."""
    above, below = nodeset, ""
    while above:
        if above in renames:
            return renames[above] + below
        above, _, step = above.rpartition("/")
        below = f"/{step}{below}"
    return nodeset
