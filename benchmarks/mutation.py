"""Change one condition of the reader at a time, and list the changes that no test notices.

Run it as `python benchmarks/mutation.py [MODULE ...]` or `make mutation`; README.md in this folder describes it.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import inspect
import io
import json
import os
import resource
import signal
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from selectors import EVENT_READ, DefaultSelector
from types import FunctionType, ModuleType
from typing import Any, Literal

import click
import pytest
from _pytest.runner import runtestprotocol
from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "udt" / "normalize"
RESULT = Path(__file__).with_name("results") / "mutation.json"
REASONS = Path(__file__).with_name("mutation.toml")
PAGE = ROOT / "docs" / "reference" / "mutation.md"
STATE = ROOT / ".mutation.json"

_TESTS = ("tests/normalize", "tests/real")
# Tests that guard time, with texts of up to 1 MB.
_NOT_RUN = "not slow and not docs"
_TIMED = ("test_linear.py", "time_is_linear")
# Seconds of a test that is run for mutants, at most.
_SLOWEST_TEST = 2.0
# Seconds of processor time, and bytes of memory beyond those of the parent, that the tests of a mutant take at most.
_MOST_SECONDS = 30
_MOST_MEMORY = 4 << 30

# The name of the distances in the ontology among those of the modules.
_CUES = "cues"

Outcome = Literal["killed", "seen", "equal"]
"""A test fails; the report of a text of the tests differs, but no test fails; no report differs."""


@dataclass(slots=True)
class Oracle:
    """The tests, and the texts that they read.

    :ivar reports: by the lexicon, the id and the text, the report.
    :ivar readers: by the same key, the tests that read the text.
    :ivar texts_of: by file and line, the keys of the texts whose reading runs it.
    :ivar tests_of: by file and line, the tests that run it apart from reading a text.
    """

    items: dict[str, pytest.Item]
    reports: dict[Key, Any] = field(default_factory=dict)
    readers: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    texts_of: dict[tuple[str, int], set[Key]] = field(default_factory=lambda: defaultdict(set))
    tests_of: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))


Key = tuple[int, str, str]


class _Plugin:
    """Runs mutants in the place of the tests that pytest has collected."""

    def __init__(self, run: Callable[[Sequence[pytest.Item]], None]) -> None:
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the mutants."""
        self._run(session.items)
        return True


#
# What the tests read
#


def observe(items: Iterable[pytest.Item]) -> Oracle:
    """Run the tests, and find the texts and lines of each."""
    from udt.lexicon.lexicon import Lexicon
    from udt.normalize.normalizer import Normalizer
    from udt.taxonomy.model.taxonomy import Taxonomy

    _keep_loaded(Lexicon)
    _keep_loaded(Taxonomy)
    oracle = Oracle({item.nodeid: item for item in items if _is_fit(item)})
    normalize = Normalizer.normalize
    current = ""

    def recorded(self: Normalizer, text: str, id: str = "") -> Any:
        key = (id_of(self), id, text)
        if key not in oracle.reports:
            oracle.reports[key] = normalize(self, text, id)
        oracle.readers[key].add(current)
        return oracle.reports[key]

    lexicons: dict[int, Normalizer] = {}

    def id_of(normalizer: Normalizer) -> int:
        lexicon = id(normalizer._lexicon)
        lexicons.setdefault(lexicon, normalizer)
        return lexicon

    Normalizer.normalize = recorded  # type: ignore[method-assign]
    for current, item in list(oracle.items.items()):
        started = time.process_time()
        if not _passes(item) or time.process_time() - started > _SLOWEST_TEST:
            del oracle.items[current]
    with _contexts() as (found, switch):
        for current, item in oracle.items.items():
            switch(current)
            _passes(item)
    for place, names in found.items():
        oracle.tests_of[place] = names
    Normalizer.normalize = normalize  # type: ignore[method-assign]
    for key, readers in list(oracle.readers.items()):
        readers &= oracle.items.keys()
        if not readers:
            del oracle.readers[key], oracle.reports[key]
    keys = list(oracle.readers)
    with _contexts() as (found, switch):
        for number, (lexicon, name, text) in enumerate(keys):
            switch(str(number))
            normalize(lexicons[lexicon], text, name)
    for place, numbers in found.items():
        oracle.texts_of[place] = {keys[int(number)] for number in numbers}
    _NORMALIZERS.update(lexicons)
    return oracle


_NORMALIZERS: dict[int, Any] = {}


def _is_fit(item: pytest.Item) -> bool:
    """Return whether a test always reads the same texts, and is expected to pass."""
    random = hasattr(getattr(item, "obj", None), "hypothesis") or item.get_closest_marker("xfail") is not None
    return not random and not any(name in item.nodeid for name in _TIMED)


def _passes(item: pytest.Item) -> bool:
    """Run a test with fixtures of its own; return whether no part of it fails, and it is not skipped."""
    return all(report.passed for report in runtestprotocol(item, log=False, nextitem=None))


def _keep_loaded(kind: Any) -> None:
    """Load a taxonomy or lexicon once for the same extensions, told apart by their content."""
    load, kept = kind.load, {}

    def loaded(extensions: Sequence[Path] = (), **others: Any) -> Any:
        key = (*(Path(extension).read_bytes() for extension in extensions), *sorted(others.items()))
        if key not in kept:
            kept[key] = load(extensions, **others)
        return kept[key]

    kind.load = loaded


@contextlib.contextmanager
def _contexts() -> Iterator[tuple[dict[tuple[str, int], set[str]], Callable[[str], object]]]:
    """Count lines meanwhile; the first value is the contexts of each line, afterwards, the second one switches."""
    import coverage  # a development tool, which only a run needs

    counter = coverage.Coverage(data_file=None, config_file=False, include=[f"{RULES}/*"])
    found: dict[tuple[str, int], set[str]] = {}
    counter.start()
    try:
        yield found, counter.switch_context
    finally:
        counter.stop()
    data = counter.get_data()
    for name in data.measured_files():
        for line, contexts in data.contexts_by_lineno(name).items():
            found[name, line] = set(contexts) - {""}


#
# One mutant
#


def places(mutant: Mutant, path: Path, users: dict[str, set[tuple[str, int]]]) -> set[tuple[str, int]]:
    """Return the file and lines of a mutant; of a name outside functions, those that use it."""
    found = {(str(path), line) for line in mutant.lines}
    for name in mutant.names:
        found |= {place for place in users[name] if not name.startswith("_") or place[0] == str(path)}
    return found


def name_users(paths: Iterable[Path]) -> dict[str, set[tuple[str, int]]]:
    """Return the lines of the functions that use each name, or a name made from it."""
    users: dict[str, set[tuple[str, int]]] = defaultdict(set)
    made: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                new = {target.id for target in targets if isinstance(target, ast.Name)}
                for name in names:
                    made[name.id] |= new
            else:
                for name in names:
                    users[name.id].add((str(path), name.lineno))
    for source in list(made):
        for new_name in _closure(source, made):
            users[source] |= users[new_name]
    return users


def _closure(name: str, made: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = made.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def apply(mutant: Mutant, module: ModuleType) -> None:
    """Change a loaded module into a mutant, for this process."""
    changed: dict[str, Any] = {
        "__name__": module.__name__,
        "__package__": module.__package__,
        "__file__": module.__file__,
    }
    exec(mutant.code(), changed)
    for name, new in changed.items():
        old = vars(module).get(name)
        if isinstance(new, FunctionType | type) or hasattr(new, "__wrapped__"):
            if getattr(new, "__module__", None) == module.__name__:  # no import
                _take_over(old, new)
        elif isinstance(new, int | float | str | tuple | frozenset | set | dict) and new != old:
            for other in list(sys.modules.values()):
                if getattr(other, "__name__", "").startswith("udt.") and vars(other).get(name) == old:
                    setattr(other, name, new)


def _take_over(old: Any, new: Any) -> None:
    """Give functions, and those of classes, the code and the defaults of their mutants."""
    if isinstance(new, type):
        for name, member in vars(new).items():
            _take_over(vars(old).get(name), member)
    elif not isinstance(new, FunctionType):
        for inner in ("fget", "func", "__func__"):
            if hasattr(new, inner):
                _take_over(getattr(old, inner), getattr(new, inner))
    elif hasattr(new, "__wrapped__"):
        _take_over(old.__wrapped__, new.__wrapped__)
    elif isinstance(old, FunctionType):
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


@dataclass(frozen=True, slots=True)
class Reach:
    """A mutant of the reach of cues, which the ontology gives.

    :ivar cues: kind and role of the cues.
    :ivar reach: what the ontology gives.
    """

    cues: str
    reach: int
    by: int

    @property
    def key(self) -> str:
        """The description, as that of another mutant."""
        return f"reach of {self.cues}: {'more' if self.by > 0 else 'less'} than {self.reach}"

    @property
    def digest(self) -> str:
        """What changes with the mutant: nothing that its key does not tell."""
        return str(self.reach)

    def apply(self) -> None:
        """Change the senses of all lexicons, for this process."""
        for normalizer in _NORMALIZERS.values():
            for sense in normalizer._lexicon.senses.values():
                if _cues(sense) == self.cues and sense.reach == self.reach:
                    sense.reach += self.by


def reaches() -> list[Reach]:
    """Return the mutants of the reaches of cues."""
    from udt.lexicon.lexicon import Lexicon

    found = {(_cues(sense), sense.reach) for sense in Lexicon.load().senses.values() if "reach" in sense.attributes}
    return [Reach(cues, reach, by) for cues, reach in sorted(found) for by in (1, -1)]


def _cues(sense: Any) -> str:
    return f"{sense.kind} {sense.role}".rstrip()


def _are_equal(report: Any, other: Any) -> bool:
    """Return whether two reports are equal, including what they exclude, which their comparison leaves out."""
    return bool(report == other and report.excluded == other.excluded)


def judge(where: set[tuple[str, int]] | None, oracle: Oracle) -> tuple[Outcome, str]:
    """Return the outcome of a mutant, which is applied, and the test or text that shows it; ends its process.

    :param where: the file and lines of the mutant; None for all.
    """
    keys = set(oracle.reports) if where is None else {key for one in where for key in oracle.texts_of.get(one, ())}
    seen, tried = "", set[str]()
    for key in sorted(keys, key=lambda key: len(key[2])):
        lexicon, name, text = key
        try:
            equal = _are_equal(_NORMALIZERS[lexicon].normalize(text, name), oracle.reports[key])
        except Exception:  # noqa: BLE001 - a mutant may do anything
            equal = False
        if not equal:
            seen = seen or text
            for test in sorted(oracle.readers[key] - tried):
                tried.add(test)
                if not _passes(oracle.items[test]):
                    return "killed", test
    direct = {test for one in where or () for test in oracle.tests_of.get(one, ())}
    for test in sorted(direct - tried):
        if not _passes(oracle.items[test]):
            return "killed", test
    return ("seen", seen[:200]) if seen else ("equal", f"{len(keys)} texts")


#
# All mutants
#


@dataclass(slots=True)
class Child:
    """A process with a mutant, and the end of the pipe that it writes its outcome to."""

    pid: int
    reader: int
    name: str


def fork(work: Callable[[], tuple[Outcome, str]], name: str) -> Child:
    """Start a process that does the work, quietly, within its limits."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Child(pid, reader, name)
    os.close(reader)
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout = sys.stderr = io.StringIO()
    try:
        answer = work()
    except BaseException as error:  # noqa: BLE001 - a mutant may do anything
        answer = ("killed", f"{type(error).__name__}: {error}"[:200])
    os.write(writer, json.dumps(answer).encode()[:4000])
    os._exit(0)


def collect(child: Child) -> tuple[Outcome, str]:
    """Return the outcome of a process that has ended its pipe: it was killed if it has written none."""
    parts = []
    while part := os.read(child.reader, 65536):
        parts.append(part)
    os.close(child.reader)
    os.waitpid(child.pid, 0)
    outcome: tuple[Outcome, str] = ("killed", "beyond the limits of time and memory")
    if parts:
        kind, shown = json.loads(b"".join(parts))
        outcome = (kind, shown)
    return outcome


@dataclass(frozen=True, slots=True)
class Case:
    """A mutant with its module."""

    module: str
    path: Path
    mutant: Mutant | Reach

    @property
    def name(self) -> str:
        """Its key among all modules."""
        return f"{self.module} {self.mutant.key}"


def cases(modules: Sequence[str]) -> list[Case]:
    """Return the mutants of the given modules of `udt/normalize`, or of all."""
    found = []
    for path in sorted(RULES.rglob("*.py")):
        module = path.relative_to(RULES).with_suffix("").as_posix()
        if not modules or any(module == name or module.startswith(f"{name}/") for name in modules):
            found += [Case(module, path, mutant) for mutant in mutants(path.read_text("utf-8"), str(path))]
    if not modules or _CUES in modules:
        found += [Case(_CUES, RULES, mutant) for mutant in reaches()]
    return found


def earlier() -> dict[str, dict[str, str]]:
    """Return the outcomes of earlier runs by the names of the mutants."""
    found: dict[str, dict[str, str]] = json.loads(STATE.read_text("utf-8")) if STATE.exists() else {}
    return found


def run_all(chosen: Sequence[Case], oracle: Oracle, jobs: int) -> None:
    """Run the mutants, as many at a time as `jobs`, and add their outcomes to those of earlier runs."""
    users = name_users(RULES.rglob("*.py"))
    by_name = {case.name: case for case in chosen}
    waiting, selector = list(reversed(chosen)), DefaultSelector()
    outcomes: dict[str, dict[str, str]] = {}
    running = done = 0
    gc.freeze()  # so that collections in the children do not copy the memory of the parent
    while waiting or running:
        while waiting and running < jobs:
            case = waiting.pop()
            child = fork(_work(case, oracle, users), case.name)
            selector.register(child.reader, EVENT_READ, child)
            running += 1
        for event, _ in selector.select():
            child = event.data
            selector.unregister(child.reader)
            kind, shown = collect(child)
            running, done = running - 1, done + 1
            outcomes[child.name] = {"digest": by_name[child.name].mutant.digest, "outcome": kind, "shown": shown}
            if kind != "killed":
                click.echo(f"{child.name}\n    {kind}: {shown}")
            if done % 50 == 0 or not (waiting or running):
                click.echo(f"{done} of {len(chosen)} mutants", err=True)
                STATE.write_text(json.dumps(earlier() | outcomes, indent=0, ensure_ascii=False), "utf-8")


def _work(case: Case, oracle: Oracle, users: dict[str, set[tuple[str, int]]]) -> Callable[[], tuple[Outcome, str]]:
    def work() -> tuple[Outcome, str]:
        if isinstance(case.mutant, Reach):
            case.mutant.apply()
            return judge(None, oracle)
        name = f"udt.normalize.{case.module.replace('/', '.')}".removesuffix(".__init__")
        apply(case.mutant, sys.modules[name])
        return judge(places(case.mutant, case.path, users), oracle)

    return work


#
# The result and its page
#


def result(all_cases: Iterable[Case], known: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return the counts and the survivors of each module, of the mutants that were run as they are now."""
    modules: dict[str, Any] = {}
    every = list(all_cases)
    for case in every:
        found = known.get(case.name)
        if found and found["digest"] == case.mutant.digest:
            module = modules.setdefault(case.module, {"mutants": 0, "killed": 0, "survivors": {}})
            module["mutants"] += 1
            if found["outcome"] == "killed":
                module["killed"] += 1
            else:
                module["survivors"][case.mutant.key] = found["outcome"]
    return {"in_all": len(every), "modules": modules}


def reasons() -> dict[str, dict[str, str]]:
    """Return the reasons of survivors by module and key."""
    found: dict[str, dict[str, str]] = tomllib.loads(REASONS.read_text("utf-8")) if REASONS.exists() else {}
    return found


def page(found: dict[str, Any], why: dict[str, dict[str, str]]) -> str:
    """Return the page for the documentation."""
    modules = found["modules"]
    total, killed = (sum(module[key] for module in modules.values()) for key in ("mutants", "killed"))
    lines = [
        "# Mutation of the rules",
        "",
        "Does every condition and every distance of the rules have a sentence that fails without it? `make mutation`",
        "changes one of them at a time, in `udt/normalize` or the reach of a kind of cue in the ontology, and runs the",
        "tests that read with it. A mutant is *killed* if a test fails. The others *survive*: below are those with a",
        "reason why no sentence distinguishes them from the rule; for the rest a sentence is wanted, and",
        "`benchmarks/results/mutation.json` lists them all.",
        "",
        f"There are {found['in_all']:,} mutants. {total:,} have been run since their function last changed, and",
        f"{killed:,} of these were killed ({100 * killed / max(total, 1):.1f} %).",
        "",
        "| module | mutants | killed | survivors | with a reason |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, module in modules.items():
        given = sum(key in why.get(name, {}) for key in module["survivors"])
        counts = f"{module['mutants']} | {module['killed']} | {len(module['survivors'])} | {given}"
        lines.append(f"| `{name}` | {counts} |")
    for name, module in modules.items():
        listed = [(key, why[name][key]) for key in module["survivors"] if key in why.get(name, {})]
        if listed:
            lines += ["", f"## `{name}`", "", *(f"- {key} — {reason}" for key, reason in listed)]
    return "\n".join([*lines, ""])


@click.command()
@click.argument("modules", nargs=-1, metavar="[MODULE ...]")
@click.option("--sample", type=click.IntRange(1), help="Run so many mutants, drawn by chance.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the sample.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes with mutants at a time.")
@click.option("--fresh", is_flag=True, help="Run the mutants of earlier runs again, too.")
@click.option("--write", is_flag=True, help="Write the result and the page.")
@click.option("--only-write", is_flag=True, help="Write those of earlier runs, without another one.")
@click.option("--check", is_flag=True, help="End with status 1 if a survivor has no reason.")
def main(
    modules: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int,
    fresh: bool,
    write: bool,
    only_write: bool,
    check: bool,
) -> None:
    """Run the mutants of all modules of udt/normalize, or of the given ones, as `context` or `match/legend`.

    A mutant that an earlier run killed is left out, unless its function has changed since.
    """
    os.chdir(ROOT)
    chosen = cases(modules)
    if not chosen:
        raise click.BadParameter(f"no mutants in {', '.join(modules)}; name modules of udt/normalize, as match/legend")
    known = earlier()
    dead = {name for name, one in known.items() if one["outcome"] == "killed" and not fresh}
    chosen = [case for case in chosen if not (case.name in dead and known[case.name]["digest"] == case.mutant.digest)]
    if sample is not None and sample < len(chosen):
        chosen = Random(seed).sample(chosen, sample)
    if chosen and not only_write:
        os.nice(10)
        _run_in_pytest(lambda items: run_all(chosen, observe(items), jobs))
        known = earlier()
    every = cases(())
    found = result(every, known)
    if write or only_write:
        RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        PAGE.write_text(page(found, reasons()), "utf-8")
    why = reasons()
    given = {f"{case.module} {case.mutant.key}" for case in every if case.mutant.key in why.get(case.module, {})}
    here = {case.name for case in cases(modules)}
    left = [name for name, one in known.items() if name in here and one["outcome"] != "killed" and name not in given]
    click.echo(f"{len(left)} survivors without a reason")
    if check and left:
        raise SystemExit(1)


def _run_in_pytest(run: Callable[[Sequence[pytest.Item]], None]) -> None:
    """Let pytest collect the tests, and run the function with them."""
    import udt.normalize.normalizer

    path = Path(inspect.getfile(udt.normalize.normalizer))
    if path.suffix != ".py" or not path.resolve().is_relative_to(ROOT):
        raise click.ClickException(f"{path} is no module of {ROOT}; run this with an editable install, not compiled")
    words = ["-q", "-s", "--no-header", "--assert=plain", "--tb=native", "-p", "no:cacheprovider", "-m", _NOT_RUN]
    status = pytest.main([*words, *_TESTS], plugins=[_Plugin(run)])
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise click.ClickException(f"the tests were not collected (status {int(status)})")


if __name__ == "__main__":
    main()
