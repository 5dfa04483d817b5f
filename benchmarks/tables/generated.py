"""A form of 100 questions and a million records of it, made up; and its rules once more, as people write them by hand.

Ten blocks of ten questions; in each block four constraints and three relevances (one of a group), 70 rules in all, and
40 lists to choose from. Records obey the form, but for one cell in a thousand in each column.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation import read_form
from validation.form import Form

BLOCKS = 10
CHOICES = [f"c{number}" for number in range(12)]
MANY = [f"m{number}" for number in range(6)]
NOW = dt.datetime(2026, 5, 4, 10, 0, tzinfo=dt.UTC)
FAULTS = 0.001

Mask = npt.NDArray[np.bool_]
Masks = dict[tuple[str, str], Mask]

_KINDS = {"a": "int", "b": "decimal", "c": "string", "d": "string", "e": "date", "f": "date", "g": "string",
          "h": "string", "i": "int", "j": "string"}  # fmt: skip
_RULES = {
    "a": 'required="true()" constraint=". &gt;= 0 and . &lt;= 120"',
    "c": 'required="true()"',
    "d": "relevant=\"{c} = 'c3' or {c} = 'c4'\"",
    "e": 'constraint=". &lt;= today()"',
    "f": "relevant=\"{e} != ''\"",
    "g": "constraint=\"regex(., '^P-[0-9]{{6}}$')\"",
    "h": "constraint=\"not(selected(., 'm0') and count-selected(.) &gt; 1)\"",
}


def form() -> Form:
    """The form as an XForm, read."""
    instance, binds, body = [], [], []
    for block in range(BLOCKS):
        places = {name: f"/data/w{block}/{name}{block}" if name in "ij" else f"/data/{name}{block}" for name in _KINDS}
        binds.append(f'<bind nodeset="/data/w{block}" relevant="{places["a"]} &gt; 17"/>')
        for name, kind in _KINDS.items():
            binds.append(f'<bind nodeset="{places[name]}" type="{kind}" {_RULES.get(name, "").format(**places)}/>')
            values = {"c": CHOICES, "h": MANY}.get(name, [])
            element = {"c": "select1", "h": "select"}.get(name, "input")
            items = "".join(f"<item><label>{value}</label><value>{value}</value></item>" for value in values)
            body.append(f'<{element} ref="{places[name]}"><label>{name}{block}</label>{items}</{element}>')
        leaves = "".join(f"<{name}{block}/>" for name in _KINDS if name not in "ij")
        instance.append(f"{leaves}<w{block}><i{block}/><j{block}/></w{block}>")
    return read_form(
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>G</h:title>'
        f'<model><instance><data id="g">{"".join(instance)}</data></instance>{"".join(binds)}</model></h:head>'
        f"<h:body>{''.join(body)}</h:body></h:html>"
    )


def table(rows: int, seed: int = 7) -> pd.DataFrame:
    """So many records, typed as `intake.tables` types them."""
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {"KEY": pd.Series(np.char.add("uuid:", np.arange(rows).astype(str)), dtype="string")}
    for block in range(BLOCKS):
        made |= _block(rng, rows, block)
    return pd.DataFrame(made)


def _block(rng: np.random.Generator, rows: int, block: int) -> dict[str, pd.Series]:
    def some(share: float) -> Mask:
        return rng.random(rows) < share

    def faulty(right: Mask) -> Mask:
        return right ^ some(FAULTS)

    def text(pool: list[str], there: Mask) -> pd.Series:
        drawn = pd.Series(pd.array(pool, dtype="string")).take(rng.integers(0, len(pool), rows))
        return drawn.reset_index(drop=True).where(there)

    chance = random.Random(block)
    age = np.where(some(FAULTS), 121 + rng.integers(0, 9, rows), rng.integers(0, 121, rows))
    choice = text(CHOICES, ~some(FAULTS))
    choice[np.flatnonzero(some(FAULTS))] = "none"
    days = np.datetime64("2010-01-01") + rng.integers(0, 5900, rows).astype("timedelta64[D]")
    days[some(FAULTS)] = np.datetime64("2027-01-01")
    asked = some(0.8)
    keys = [f"P-{chance.randrange(10**6):06}" for _ in range(5000)] + ["P-1", "Q-000001", "P-0000001", "p-000001", " "]
    sets = (
        [" ".join(chance.sample(MANY[1:], size)) for size in (1, 1, 2, 2, 3) for _ in range(40)]
        + ["m0"] * 20
        + ["m0 m1"]
    )
    whole = {"a": (age, ~some(FAULTS)), "i": (rng.integers(0, 50, rows), faulty((age > 17) & some(0.9)))}
    words = [f"Wort {chance.randrange(10**5)} und noch eines" for _ in range(5000)]
    made = {f"{name}{block}": pd.Series(values, dtype="Int64").where(there) for name, (values, there) in whole.items()}
    made[f"b{block}"] = pd.Series(rng.random(rows).round(2) * 1000, dtype="Float64").where(some(0.7))
    made[f"c{block}"] = choice
    made[f"d{block}"] = text(words, faulty(choice.isin(["c3", "c4"]).to_numpy(dtype=bool)))
    made[f"e{block}"] = pd.Series(days.astype("datetime64[us]")).where(asked)
    made[f"f{block}"] = pd.Series((days + np.timedelta64(3, "D")).astype("datetime64[us]")).where(faulty(asked))
    made[f"g{block}"] = text(keys, some(0.9))
    made[f"h{block}"] = text(sets, some(0.9))
    made[f"w{block}-i{block}"] = made.pop(f"i{block}")
    made[f"w{block}-j{block}"] = text(words, faulty((age > 17) & some(0.5)))
    return {name: made[name] for name in sorted(made, key=lambda name: name.rpartition("-")[2])}


def by_hand(frame: pd.DataFrame) -> Masks:
    """The rules of the form as numpy and pandas masks, as somebody writes them who knows both."""
    bad: Masks = {}
    today = np.datetime64("2026-05-04")
    for block in range(BLOCKS):
        a, c, d, e, f, g, h = (f"{name}{block}" for name in "acdefgh")
        age = frame[a].to_numpy(dtype="float64", na_value=np.nan)
        bad[a, "required"] = np.isnan(age)
        bad[a, "constraint"] = (age < 0) | (age > 120)
        choice = frame[c]
        bad[c, "required"] = choice.isna().to_numpy()
        bad[c, "choice"] = ~choice.isin(CHOICES).to_numpy() & ~bad[c, "required"]
        bad[d, "relevant"] = frame[d].notna().to_numpy() & ~choice.isin(["c3", "c4"]).to_numpy()
        day = frame[e].to_numpy()
        bad[e, "constraint"] = day > today
        bad[f, "relevant"] = frame[f].notna().to_numpy() & np.isnat(day)
        bad[g, "constraint"] = ~frame[g].str.contains("^P-[0-9]{6}$", na=True).to_numpy(dtype=bool)
        many = frame[h].fillna("")
        codes, sets = pd.factorize(many)
        wrong = np.array([any(one not in MANY for one in text.split()) for text in sets])
        alone = np.array(["m0" in text.split() and len(text.split()) > 1 for text in sets])
        bad[h, "choice"], bad[h, "constraint"] = wrong[codes], alone[codes]
        adult = age > 17
        for name in "ij":
            bad[f"w{block}-{name}{block}", "relevant"] = frame[f"w{block}-{name}{block}"].notna().to_numpy() & ~adult
    return {pair: mask for pair, mask in bad.items() if mask.any()}
