"""How fast the form engine is: ours against elementpath and lxml on the same expressions, and what a form costs.

    python benchmarks/engine.py             all rounds, about two minutes
    python benchmarks/engine.py --quick     fewer rounds, under 50 seconds
    python benchmarks/engine.py --json F    writes {"ratios": {name: number}, "figures": {name: number}} as well

Ours and a peer take turns inside each round, so that whatever else the machine does slows both; printed are medians
over the rounds and the median of the rounds' ratios (above 1: ours is faster). `benchmarks/README.md` explains how to
read them. Times are seconds of this process's computing unless they say otherwise.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import gc
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import elementpath  # noqa: E402 - the project is not always installed
from lxml import etree  # noqa: E402

from validation.instance import Instance  # noqa: E402
from validation.tree import Node, parse  # noqa: E402
from validation.xform import read_form  # noqa: E402
from validation.xpath.evaluator import Context, evaluate_tree  # noqa: E402
from validation.xpath.parser import parse as parse_expression  # noqa: E402

NOW = dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)
NAMESPACES = 'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"'

# Rows that XPath 1.0 can express, so that the peers can too; what each stands for in a form.
EXPRESSIONS: tuple[tuple[str, str], ...] = (
    ("one question", "/data/g[1]/a"),
    ("position in a repeat", "/data/g[last()]/a"),
    ("all of a repeat", "/data/g/a"),
    ("anywhere", "count(//a)"),
    ("everything", "count(//*)"),
    ("sum over a repeat", "sum(/data/g/a)"),
    ("filter by a literal", "count(/data/g[b = 'x7'])"),
    ("filter by another question", "count(/data/g[b = /data/k])"),
    ("filter by a number", "count(/data/g[a > 40])"),
    ("filter twice", "/data/g[b = 'x7'][2]/a"),
    ("relevance", "/data/k = 'x7' and /data/n > 3"),
    ("constraint", "/data/n >= 0 and /data/n <= 120"),
    ("arithmetic", "(/data/n + 1) * 2 - 5 div 3"),
    ("text", "concat(/data/k, '-', substring(/data/k, 2, 1))"),
    ("condition", "not(/data/k = '') or string-length(/data/k) > 3"),
    ("parent", "count(/data/g/a/../b)"),
    ("union", "count(/data/g/a | /data/g/b)"),
    ("siblings", "count(/data/g[5]/following-sibling::g)"),
)


@dataclass(slots=True)
class Results:
    """What was measured. `ratios` are dimensionless, the peer's time over ours; `figures` carry their unit's name."""

    ratios: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def figure(self, name: str, value: float, demanded: float | None = None) -> None:
        """Keep and print a figure; beside it what is demanded of it, as an upper bound."""
        self.figures[name] = value
        asked = "" if demanded is None else f"   demanded: under {demanded:g}   {'yes' if value < demanded else 'NO'}"
        print(f"  {name:62} {value:10.3f}{asked}", flush=True)


def seconds(run: Callable[[], object], times: int) -> float:
    """Seconds of computing for one call, the mean of `times` calls."""
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def repeat_document(entries: int) -> str:
    """A record: two questions and a repeat of two questions."""
    rows = "".join(f"<g><a>{n % 90}</a><b>x{n % 13}</b></g>" for n in range(entries))
    return f"<data><k>x7</k><n>34</n>{rows}</data>"


# --- expressions against peers


def ours(expression: str, document: Node) -> Callable[[], object]:
    """Our evaluator on a parsed expression."""
    parsed = parse_expression(expression)
    return lambda: evaluate_tree(parsed, Context(node=document, root=document))


def theirs_elementpath(expression: str, root: etree._Element) -> Callable[[], object]:
    """elementpath with the expression parsed and the document's tree built beforehand."""
    token = elementpath.XPath1Parser().parse(expression)
    tree = elementpath.get_node_tree(etree.ElementTree(root))
    return lambda: token.get_results(elementpath.XPathContext(tree))


def theirs_lxml(expression: str, root: etree._Element) -> Callable[[], object]:
    """lxml (libxml2, C) with the expression compiled beforehand."""
    compiled = etree.XPath(expression)
    tree = etree.ElementTree(root)
    return lambda: compiled(tree)


def comparable(value: object) -> object:
    """A result in a form that is the same for all three: texts of nodes, else the value."""
    if isinstance(value, list):
        return [node.string_value() if isinstance(node, Node) else "".join(node.itertext()) for node in value]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def expressions(results: Results, entries: int, rounds: int, budget: float) -> None:
    """Ours, elementpath and lxml in turn on every row; refuses to compare where they do not agree."""
    xml = repeat_document(entries)
    document, root = parse(xml), etree.fromstring(xml)
    nodes = 3 * entries + 3
    print(f"\nExpressions over a record of {nodes} elements, microseconds a call, {rounds} rounds")
    print(f"  {'':28}{'ours':>10}{'elementpath':>13}{'lxml':>10}   elementpath/ours  lxml/ours")
    for name, expression in EXPRESSIONS:
        contestants = [make(expression, at) for make, at in _contestants(document, root)]
        answers = [comparable(run()) for run in contestants]
        if not answers[0] == answers[1] == answers[2]:
            raise SystemExit(f"{expression}: the engines disagree, there is nothing to compare")
        single = [seconds(run, 1) for run in contestants]
        times = [max(1, min(1000, int(budget / max(one, 1e-7)))) for one in single]
        turns = 2 if max(single) > _LONG else rounds
        taken = [[seconds(run, n) for run, n in zip(contestants, times, strict=True)] for _ in range(turns)]
        our, peer, lxml = (statistics.median(row[column] for row in taken) for column in range(3))
        ratio = statistics.median(row[1] / row[0] for row in taken)
        to_lxml = statistics.median(row[2] / row[0] for row in taken)
        results.ratios[f"elementpath: {name}"] = ratio
        results.ratios[f"lxml: {name}"] = to_lxml
        slower = "" if ratio > 1 else "   SLOWER"
        print(
            f"  {name:28}{our * 1e6:10.1f}{peer * 1e6:13.1f}{lxml * 1e6:10.1f}{ratio:19.1f}{to_lxml:11.3f}{slower}",
            flush=True,
        )
    names = [f"elementpath: {name}" for name, _ in EXPRESSIONS]
    results.figures["rows where elementpath is faster"] = float(sum(results.ratios[name] <= 1 for name in names))


_LONG = 0.5  # a call that takes so many seconds is repeated twice only


def _contestants(
    document: Node, root: etree._Element
) -> Sequence[tuple[Callable[[str, object], Callable[[], object]], object]]:
    return ((ours, document), (theirs_elementpath, root), (theirs_lxml, root))  # type: ignore[return-value]


def anywhere(results: Results, nodes: int, rounds: int) -> None:
    """`count(//x)` over so many elements: no result is kept between calls, a changed document is counted anew."""
    document = parse("<data>" + "<x/>" * (nodes - 1) + "</data>")
    run = ours("count(//x)", document)
    top = next(document.elements())
    assert run() == nodes - 1
    top.append(Node.element("x"))
    assert run() == nodes, "a result was kept"
    results.figure(f"count(//x) over {nodes} elements, ms", _median(run, rounds) * 1000, 10)


def _median(run: Callable[[], object], rounds: int) -> float:
    return statistics.median(seconds(run, 1) for _ in range(rounds))


# --- forms


def xform(instance: str, model: str, body: str) -> str:
    """An XForm of three parts."""
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>B</h:title><model><instance><data id='b'>{instance}</data></instance>"
        f"{model}</model></h:head><h:body>{body}</h:body></h:html>"
    )


def large_form(questions: int) -> str:
    """So many questions in groups of twenty: a relevance on every third, a constraint on every fourth, a calculation
    and a choice with a filter in every group; labels in two languages are left to itext.
    """
    instance, binds, body, texts = [], [], [], []
    for number in range(questions):
        group, place = divmod(number, 20)
        path = f"/data/s{group}/q{number}"
        before = f"/data/s{group}/q{number - 1}" if place else ""
        logic = f" relevant=\"{before} != 'no'\"" if place % 3 == 1 else ""
        logic += " constraint='string-length(.) &lt; 200'" if place % 4 == 2 else ""
        logic += f" calculate=\"concat({before}, '-', {number})\"" if place == 19 else ""
        instance.append(f"<q{number}/>")
        binds.append(f'<bind nodeset="{path}" type="string"{logic}/>')
        texts.append(f'<text id="{path}:label"><value>Frage {number}</value></text>')
        if place == 5:
            body.append(
                f'<select1 ref="{path}"><label ref="jr:itext(\'{path}:label\')"/><itemset '
                f"nodeset=\"instance('towns')/root/item[k = {before}]\"><value ref='name'/><label ref='label'/>"
                "</itemset></select1>"
            )
        elif place != 19:
            body.append(f'<input ref="{path}"><label ref="jr:itext(\'{path}:label\')"/></input>')
    groups = "".join(f"<s{n}>{''.join(instance[n * 20 : n * 20 + 20])}</s{n}>" for n in range((questions + 19) // 20))
    towns = "".join(f"<item><name>t{n}</name><label>T {n}</label><k>{n % 9}</k></item>" for n in range(500))
    languages = "".join(
        f'<translation lang="{name}">{"".join(texts)}</translation>' for name in ("Deutsch (de)", "English (en)")
    )
    model = f'<itext>{languages}</itext><instance id="towns"><root>{towns}</root></instance>{"".join(binds)}'
    return xform(groups, model, "".join(body))


def loading(results: Results, questions: int, rounds: int) -> None:
    """XForm text to an open record, without pyxform: reading, the graph, the first recalculation."""
    text = large_form(questions)

    def load() -> Instance:
        parse_expression.cache_clear()
        return Instance(read_form(text), now=NOW)

    results.figure(f"load a form of {questions} questions, s", _median(load, rounds), 1)


def household(entries: int, depth: int) -> str:
    """A repeat whose entries each hold a chain of calculations, and a chain over the whole record.

    One answer in an entry runs through `depth` calculations there, into the sum over all entries, and through `depth`
    calculations of that sum; relevances and a constraint hang on both ends.
    """
    inner = "".join(f"<c{n}/>" for n in range(1, depth + 1))
    entry = f"<person><age/><name/>{inner}</person>"
    outer = "".join(f"<t{n}/>" for n in range(1, depth + 1))
    binds = ['<bind nodeset="/data/person/age" type="int" constraint=". &gt;= 0 and . &lt;= 120"/>']
    binds.append(f'<bind nodeset="/data/person/name" relevant="../c{depth} &gt; 30"/>')
    for n in range(1, depth + 1):
        before = f"../c{n - 1}" if n > 1 else "../age"
        binds.append(f'<bind nodeset="/data/person/c{n}" type="int" calculate="{before} + 1"/>')
    for n in range(1, depth + 1):
        before = f"/data/t{n - 1} + 1" if n > 1 else f"sum(/data/person/c{depth})"
        binds.append(f'<bind nodeset="/data/t{n}" calculate="{before}"/>')
    binds.append(f'<bind nodeset="/data/end" relevant="/data/t{depth} &gt; 1000"/>')
    body = '<group ref="/data/person"><repeat nodeset="/data/person"><input ref="/data/person/age"/>'
    body += '<input ref="/data/person/name"/></repeat></group><input ref="/data/end"/>'
    return xform(entry * entries + outer + "<end/>", "".join(binds), body)


def answering(results: Results, entries: int, depth: int, answers: int) -> None:
    """One answer to the state in which everything is recalculated and judged: wall clock, as somebody waits for it."""
    record = Instance(read_form(household(entries, depth)), now=NOW)
    chance = random.Random(7)
    for number in range(1, entries + 1):
        record.answer(f"/data/person[{number}]/age", chance.randrange(100))
    record.violations()
    taken, judged = [], []
    for _ in range(answers):
        path, value = f"/data/person[{chance.randrange(entries) + 1}]/age", chance.randrange(100)
        start = time.perf_counter()
        record.answer(path, value)
        middle = time.perf_counter()
        record.violations()
        record.changed()
        taken.append((middle - start) * 1000)
        judged.append((time.perf_counter() - start) * 1000)
    total = sum(int(record.value(f"/data/person[{number}]/c{depth}")) for number in range(1, entries + 1))
    assert record.value(f"/data/t{depth}") == str(total + depth - 1), "the chain did not run to its end"
    what = f"{entries} entries, two chains of {depth}"
    results.figure(f"answer to recalculated state, {what}, p50 ms", statistics.median(taken))
    results.figure(f"answer to recalculated state, {what}, p95 ms", _p95(taken), 20)
    results.figure(f"the same with all violations judged, {what}, p95 ms", _p95(judged), 20)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


# --- hostile forms


def hostile(results: Results, names: Sequence[str]) -> None:
    """Each attack of tests/scenario/hostile.py in a process of its own that may hold 500 MB."""
    script = ROOT / "tests" / "scenario" / "hostile.py"
    print("\nHostile forms, each in its own process of at most 500 MB")
    for name in names:
        done = subprocess.run(
            [sys.executable, str(script), name], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
        found = json.loads(done.stdout)
        results.figure(f"{name}, s", found["seconds"], 2)
        results.figure(f"{name}, MB", found["megabytes"], 500)


HOSTILE = (
    "100,000 choices",
    "100,000 translated choices",
    "100,000 written choices",
    "100,000 choices in a CSV",
    "10,000 nodes",
    "nested 100 deep",
    "nested 500 deep",
    "chain of 10,000",
    "circle of 10,000 relevances",
    "circle of 10,000 calculations",
    "10,000 references to nothing",
    "1,000 expressions that read all of 10,000 nodes",
    "1 MB label",
    "1 MB answer",
    "20 patterns",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write. Exits 0 whatever the figures are: a benchmark measures, tests judge."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, under 50 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write ratios and figures there too")
    parser.add_argument("--tiny", action="store_true", help="sizes that measure nothing: only to try the script")
    options = parser.parse_args(arguments)
    rounds = 2 if options.tiny else 3 if options.quick else 15
    budget = 0.001 if options.tiny else 0.01 if options.quick else 0.1
    results = Results()
    gc.collect()
    size = functools.partial(_size, tiny=options.tiny)
    expressions(results, size(3_333, 10), rounds, budget)
    print("\nForms")
    anywhere(results, size(10_000, 50), 4 * rounds)
    loading(results, size(1_000, 40), rounds)
    answering(results, size(200, 5), size(20, 3), size(100 if options.quick else 400, 5))
    hostile(results, HOSTILE[-2:] if options.tiny else HOSTILE)
    if options.json is not None:
        written = {"ratios": results.ratios, "figures": results.figures}
        options.json.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _size(real: int, small: int, *, tiny: bool) -> int:
    return small if tiny else real


if __name__ == "__main__":
    sys.exit(main())
