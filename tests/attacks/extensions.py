"""Attacks by extensions of the taxonomy, and by files in the place of the cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.attacks.attempt import CONTROL, Attempt, check_worded, run_udt
from tests.turtle import HEADER

LIMIT = 100
"""Seconds that a command may take on a busy machine; compilation of the whole taxonomy alone takes several."""

PART = "ex:part a ns:Component , skos:Concept ; skos:broader uhat:liver ; skos:prefLabel {} .\n"
TEXT = b"Liver: zzyx part seen. No cyst."

RIGHT = ""
"""The message of an extension that has to be accepted."""


def attempts() -> Iterator[Attempt]:
    """Yield the attacks."""
    for name, content, message in (*_labels(), *_trees(), *_values(), *_files()):
        yield Attempt(name, partial(_normalize, content, message))
    for name, prepare, message in _places():
        yield Attempt(f"place: {name}", partial(_normalize_at, prepare, message))
    for name, content, message in _checked():
        yield Attempt(f"check: {name}", partial(_check, content, message))
    for name, prepare in _caches():
        yield Attempt(f"cache: {name}", partial(_with_cache, prepare))


def _normalize(content: bytes, message: str, folder: Path) -> None:
    _normalize_at(lambda path: path.write_bytes(content), message, folder)


def _normalize_at(prepare: Callable[[Path], object], message: str, folder: Path) -> None:
    """Normalise a text with an extension, which has to be refused with `message`, or accepted if that is empty."""
    path = folder / "extra.ttl"
    prepare(path)
    done = run_udt(
        "normalize", "-", "--format", "json", "--taxonomy", path, folder=folder, text=TEXT, timeout=LIMIT,
        environment={"UDT_CACHE_DIR": str(folder / "cache")},
    )  # fmt: skip
    check_worded(done, secrets=[TEXT.decode()])
    errors = done.stderr.decode()
    assert (done.returncode == 0) is (not message), errors[-800:]
    assert message in errors, errors[-800:]
    assert len(errors) < 20_000
    if not message:
        assert b'"Liver"' in done.stdout


def _check(content: bytes, message: str, folder: Path) -> None:
    path = folder / "extra.ttl"
    path.write_bytes(content)
    for arguments in (("check", "--no-reasoner"), ("show", "liver", "--depth", "100"), ("export", "--format", "csv")):
        done = run_udt("taxonomy", *arguments, "--taxonomy", path, folder=folder, timeout=LIMIT)
        done.stderr = done.stderr or done.stdout  # a check writes the problems to standard output
        check_worded(done)
        assert not CONTROL.intersection(done.stdout.decode()) - {"\r"}, "control characters on standard output"
        assert message in done.stderr.decode(), done.stderr.decode()[-800:]


def _with_cache(prepare: Callable[[Path, Path], None], folder: Path) -> None:
    """Normalise a text with a cache that `prepare` has spoilt; the result is that of a new cache."""
    outputs = []
    for spoilt in (False, True):
        cache = folder / f"cache-{spoilt}"
        if spoilt:
            prepare(cache, next((folder / "cache-False").iterdir()))
        done = run_udt(
            "normalize", "-", "--format", "json", folder=folder, text=TEXT, timeout=LIMIT,
            environment={"UDT_CACHE_DIR": str(cache)},
        )  # fmt: skip
        check_worded(done)
        assert done.returncode == 0
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]


Case = tuple[str, bytes, str]


def turtle(body: str) -> bytes:
    """Return a file with the prefixes declared."""
    return (HEADER + body).encode()


def part(label: str) -> bytes:
    """Return an extension of one part of the liver.

    :param label: its preferred label, in Turtle.
    """
    return turtle(PART.format(label))


def _labels() -> Iterator[Case]:
    yield "a plain part", part('"zzyx part"@en'), RIGHT
    yield "label of 200,000 words", part('"' + "zzyx " * 200_000 + '"@en'), "allowed"
    yield "label of 60 words", part('"' + "zzyx " * 60 + '"@en'), "has 60 words; allowed: 50"
    yield "label of 600 letters", part('"' + "z" * 600 + '"@en'), "has 600 characters; allowed: 500"
    synonyms = " , ".join(f'"zzyx {i} lobule"@en' for i in range(100_000))
    yield "100,000 synonyms", part(f'"zzyx part"@en ; skos:altLabel {synonyms}'), RIGHT
    yield "label with an escape sequence", part('"zzyx \\u001b[2J"@en'), "control character"
    yield "label with a NUL", part('"zzyx \\u0000"@en'), "control character"
    yield "label that turns text around", part('"zzyx \u202epart"@en'), "control character"
    yield "label with a surrogate", part('"zzyx \\ud800"@en'), "not valid Turtle"
    yield "empty label", part('""@en'), "empty label"
    yield "label of blanks", part('" \u00a0 "@en'), "empty label"
    yield "label of digits", part('"12345"@en'), RIGHT
    yield "labels like patterns", part('"(a+)+$"@en ; skos:altLabel "[" , ".*" , "\\\\" , "(?P<x>"'), RIGHT
    odd = '"-"@en ; skos:altLabel "\'" , "," , "--" , "\u2019s" , "s" , "_" ; ns:abbreviation "-" , "."'
    yield "labels of separators", part(odd), RIGHT
    yield "labels of line breaks", part('"a\\nb"@en'), "line break"
    yield "label of another concept", part('"Spleen"@en'), "is on 2 concepts"
    yield "the same label many times", part('"zzyx part"@en ; skos:altLabel "a"@en , "a"@fr , "a" , "A"@en'), RIGHT
    yield "labels of unknown languages", part('"zzyx part"@en ; skos:altLabel "x"@qaa , "y"@x-none'), RIGHT
    yield "label of an invalid language", part('"zzyx part"@en ; skos:altLabel "x"@toolonglanguage'), "not valid Turtle"
    yield "no English label", part('"zzyx part"@de'), "no skos:prefLabel in English"
    yield "label that is an IRI", part("ex:label"), "no skos:prefLabel in English"


def _trees() -> Iterator[Case]:
    names = [f"ex:c{i}" for i in range(3000)]
    chain = "".join(
        f'{name} a ns:Component , skos:Concept ; skos:broader {above} ; skos:prefLabel "{name[3:]}"@en .\n'
        for name, above in zip(names[1:], names, strict=False)
    )
    top = f'{names[0]} a ns:Component , skos:Concept ; skos:broader {{}} ; skos:prefLabel "top"@en .\n'
    yield "chain of 3,000 parents", turtle(chain + top.format("uhat:liver")), "is below more than 50 others"
    yield "cycle of 3,000 parents", turtle(chain + top.format(names[-1])), "is below more than 50 others"
    yield "cycle of three", turtle(chain[: chain.index("ex:c3 ")] + top.format("ex:c2")), "is its own ancestor"
    yield "its own parent", turtle(PART.format('"zzyx"@en').replace("uhat:liver", "ex:part")), "is its own ancestor"
    many = "".join(
        f'ex:n{i} a ns:Component , skos:Concept ; skos:broader ex:none{i} ; skos:prefLabel "n{i}"@en .\n'
        for i in range(5000)
    )
    yield "5,000 unknown parents", turtle(many), "the first 100 are listed"
    yield "parent of another kind", part('"zzyx"@en ; skos:broader cue:no'), "has the parent"
    yield (
        "organ below an organ",
        turtle(PART.format('"zzyx"@en').replace("Component", "Organ")),
        "allowed: ns:BodySystem",
    )
    yield "the liver is a value too", turtle("uhat:liver a ns:ShapeValue ."), "has the classes Organ ShapeValue"
    yield "the liver has two names", turtle('uhat:liver skos:prefLabel "Hepar"@en .'), "has 2 preferred labels"
    yield "the liver below itself", turtle("uhat:liver skos:broader uhat:liver ."), "uhat:liver"
    evil = f"{HEADER}@prefix uhat: <https://example.org/x/> .\n" + PART.format('"zzyx"@en').replace(
        "ex:part", "uhat:spleen"
    )
    yield "another meaning of a prefix", evil.encode(), "has the parent ex:x/liver, which does not exist"
    yield "IRI like a short name", turtle(PART.format('"zzyx"@en').replace("ex:part", "<uhat:spleen>")), "short name"
    dimension = 'ex:d a ns:Dimension , skos:Concept ; skos:prefLabel "zzyx"@en .'
    yield "dimension without anything", turtle(dimension), "has no ns:key"
    tenth = dimension.replace(" .", ' ; ns:key "zzyx" ; ns:task 10 ; ns:valueClass ns:ZzyxValue .')
    yield "a tenth dimension", turtle(tenth), "unknown class"
    yield "dimension in the place of another", turtle(tenth.replace("10", "1")), "ns:task 1"
    yield "two numbers of a dimension", turtle("udaf:shape ns:task 1 ."), "ns:task 1, but an earlier file has 4"


def _values() -> Iterator[Case]:
    zzyx = '"zzyx part"@en ; '
    yield "number of a million digits", part(f"{zzyx} ns:order {'9' * 1_000_000}"), "allowed: 10,000"
    yield "number of 5,000 digits", part(f"{zzyx} ns:order {'9' * 5000}"), "whole number"
    yield "number that is none", part(f'{zzyx} ns:order "NaN"^^xsd:double , "+-5"^^xsd:integer'), "whole number"
    yield "negative number", part(f"{zzyx} ns:order -7"), RIGHT
    yield "IRI of a million letters", part(f"{zzyx} skos:exactMatch <http://e/{'a' * 1_000_000}>"), "allowed: 2,000"
    yield "implied value that is none", part(f"{zzyx} ns:impliesValue cue:no , lex:lesion"), "which does not exist"
    finding = 'ex:f a ns:FindingTerm , skos:Concept ; skos:prefLabel "zzyx"@en ; '
    yield "finding in a word", turtle(f"{finding} ns:impliesOrgan lex:margin ."), "is no anatomy"
    yield "finding that implies a word", turtle(f"{finding} ns:impliesValue lex:margin ."), "is no value"
    yield (
        "composition of a finding",
        turtle(f"{finding} ns:composition [ ns:head lex:margin ] ."),
        "no value of a dimension",
    )
    yield "rule without letters", turtle('ex:r a ns:SuffixRule , skos:Concept ; ns:suffix "" .'), "has no ns:suffix"
    form = 'ex:r a ns:CombiningForm , skos:Concept ; skos:prefLabel "-"@en .'
    yield "combining form without letters", turtle(form), "no letters"
    rules = "".join(f'ex:r{i} a ns:CombiningForm , skos:Concept ; skos:prefLabel "r{i}-"@en .\n' for i in range(3000))
    yield "3,000 combining forms", turtle(rules), "allowed: 500"
    yield "compartments of nothing", part(f"{zzyx} ns:compartmentRule [ ] , [ ns:within cue:no ]"), "ns:within"


def _files() -> Iterator[Case]:
    plain = PART.format('"zzyx part"@en')
    yield "empty file", b"", RIGHT
    yield "one byte", b"\xff", "not UTF-8"
    yield "UTF-16", turtle(plain).decode().encode("utf-16"), "not UTF-8"
    yield "Latin-1", part('"zzyx é"@en').decode().encode("latin-1"), "not UTF-8"
    yield "byte order mark", b"\xef\xbb\xbf" + turtle(plain), RIGHT
    yield "line ends of Windows", turtle(plain).replace(b"\n", b"\r\n"), RIGHT
    yield "half a file", turtle(plain)[:-20], "not valid Turtle"
    yield "control characters in an error", HEADER.encode() + b"ex:a \x1b[2J ex:b .", "not valid Turtle"
    yield (
        "imports of other files",
        turtle("<> owl:imports <file:///etc/passwd> , <http://127.0.0.1:9/x> ; a owl:Ontology .\n" + plain),
        RIGHT,
    )
    yield "relative IRIs", turtle(PART.format('"zzyx part"@en').replace("ex:part", "<../part>")), RIGHT
    yield "100,000 nested blank nodes", turtle(f"ex:a ex:b {'[ ex:b ' * 100_000} 1 {']' * 100_000} ."), RIGHT
    yield "100,000 nested lists", turtle(f"ex:a ex:b {'( ' * 100_000} {')' * 100_000} ."), RIGHT
    yield "unclosed blank nodes", turtle(f"ex:a ex:b {'[ ex:b ' * 100_000}"), "not valid Turtle"
    yield (
        "200,000 nested triple terms",
        turtle(f"ex:a ex:b {'<<( ex:a ex:b ' * 200_000} 1 {')>> ' * 200_000} ."),
        "contains '<<' more than",
    )
    yield "600,000 triples", turtle("".join(f"ex:a ex:b {i} .\n" for i in range(600_000))), "more than 500,000 triples"
    yield "40 MB of comments", b"#" + b"x" * (40 << 20), "allowed for an extension: 32 MiB"
    yield "JSON", b'{"a": 1}', "not valid Turtle"
    yield "program", b"\x7fELF\x00\x00\x01", "not valid Turtle"


def _places() -> Iterator[tuple[str, Callable[[Path], object], str]]:
    yield "missing", lambda path: None, "does not exist"
    yield "folder", lambda path: path.mkdir(), "is a directory"
    yield "pipe", os.mkfifo, "a pipe or a device"
    yield "endless device", lambda path: path.symlink_to("/dev/zero"), "a pipe or a device"
    yield "link to itself", lambda path: path.symlink_to(path), "extra.ttl"
    yield "link to a right file", _linked, RIGHT


def _linked(path: Path) -> None:
    (path.parent / "real.ttl").write_bytes(part('"zzyx part"@en'))
    path.symlink_to(path.parent / "real.ttl")


def _checked() -> Iterator[Case]:
    yield "a plain part", part('"zzyx part"@en'), RIGHT
    yield "definition with an escape sequence", part('"zzyx part"@en ; skos:definition "\\u001b[2J"@en'), "control"
    yield "label like markup", part('"zzyx [red]part[/red] [/]"@en'), RIGHT
    yield "a cycle", turtle("uhat:liver skos:broader uhat:liver ."), "uhat:liver"
    chain = "".join(
        f'ex:c{i + 1} a ns:Component , skos:Concept ; skos:broader ex:c{i} ; skos:prefLabel "zzyx {i}"@en .\n'
        for i in range(40)
    )
    yield "chain of 40 parents", turtle(chain + PART.format('"zzyx part"@en').replace("ex:part", "ex:c0")), RIGHT


def _caches() -> Iterator[tuple[str, Callable[[Path, Path], None]]]:
    """Yield what is put in the place of a cache: a function of its folder and of a good file of another one."""
    contents = {
        "half a file": lambda good: good[: len(good) // 2],
        "another word": lambda good: good.replace(b"liver", b"spine"),
        "JSON of another form": lambda good: b'{"version": "1", "trie": {}}',
        "without a hash": lambda good: good.partition(b"\n")[2],
        "deeply nested": lambda good: b"[" * 1_000_000,
        "zeros": lambda good: bytes(len(good)),
    }
    for name, spoil in contents.items():
        yield name, partial(_spoilt, spoil)
    yield "folder is a file", lambda cache, good: cache.write_bytes(b"") and None
    yield "folder is a link to itself", lambda cache, good: cache.symlink_to(cache)
    yield "file is a pipe", _pipe
    yield "file is an endless device", _device


def _spoilt(spoil: Callable[[bytes], bytes], cache: Path, good: Path) -> None:
    cache.mkdir()
    (cache / good.name).write_bytes(spoil(good.read_bytes()))


def _pipe(cache: Path, good: Path) -> None:
    cache.mkdir()
    os.mkfifo(cache / good.name)


def _device(cache: Path, good: Path) -> None:
    cache.mkdir()
    (cache / good.name).symlink_to("/dev/zero")
