"""The YAML subset: what it reads, what it refuses, and that it never reads anything else than a YAML library does."""
import glob
import os
import random
import subprocess
import sys
import unittest

from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import YamlRefused, as_written, load_yaml, to_yaml
from switchyard_client.yaml_subset.library import load_with_library
from switchyard_client.yaml_subset.reading import read
from tests.support import GOLDEN, ROOT

try:
    import yaml
except ImportError:
    yaml = None

CONDA = """\
# comment
name: project_environment   # its name
channels: [conda-forge, 'https://example.org/c#1']
dependencies:
  # any Python
- python=3.6.2
- "numpy>=1.19,<2"
-   pip:
    - azureml-defaults
    - --extra-index-url https://example.org/simple
    - pillow==5.4.1 # pinned
"""


class Reading(unittest.TestCase):
    def test_a_conda_file(self):
        self.assertEqual(
            read(CONDA),
            {
                "name": "project_environment",
                "channels": ["conda-forge", "https://example.org/c#1"],
                "dependencies": [
                    "python=3.6.2",
                    "numpy>=1.19,<2",
                    {"pip": ["azureml-defaults", "--extra-index-url https://example.org/simple", "pillow==5.4.1"]},
                ],
            },
        )

    def test_numbers_remember_their_text(self):
        values = read("[5, 1e-3, 007, 0x1F, true, ~, '7', 3.10]")
        self.assertEqual(values, [5, 0.001, 7, 31, True, None, "7", 3.1])
        self.assertEqual([as_written(each) for each in values], ["5", "1e-3", "007", "0x1F", "true", "", "7", "3.10"])

    def test_words_of_older_yaml_stay_texts(self):
        self.assertEqual(
            read("a: yes\nb: on\nc: 12:30\nd: 1_000\ne: 2020-01-02"), dict(a="yes", b="on", c="12:30", d="1_000", e="2020-01-02")
        )

    def test_literal_blocks(self):
        text = "a: |\n  FROM x\n\n    RUN y # no comment\n  \nb: |-\n  one\nc: |+\n  two\n\nd: 1\n"
        self.assertEqual(read(text), {"a": "FROM x\n\n  RUN y # no comment\n", "b": "one", "c": "two\n\n", "d": 1})

    def test_flows_over_several_lines_and_json(self):
        self.assertEqual(read('a: [1, # one\n  {b: "x", c},\n  ]\n'), {"a": [1, {"b": "x", "c": None}]})
        self.assertEqual(
            read('{"script": "train.py",\n "arguments": ["--x", "a\\u00e9\\n"]}'), {"script": "train.py", "arguments": ["--x", "aé\n"]}
        )

    def test_nothing(self):
        for text in ("", "\n# only a comment\n", "---\n", "---\n...\n"):
            self.assertIsNone(read(text))

    def test_lists_in_lists_and_beside_their_key(self):
        self.assertEqual(
            read("a:\n- - 1\n  - 2\n-\n  b: 1\n- c: 1\n  d:\n  - 2\ne:\n"), {"a": [[1, 2], {"b": 1}, {"c": 1, "d": [2]}], "e": None}
        )

    def test_what_it_refuses_names_the_line(self):
        for text, line, words in (
            ("a: 1\nb: &x 2\n", 2, "quotes"),
            ("a: *x", 1, "quotes"),
            ("a: !!str 1", 1, "quotes"),
            ("a:\n\tb: 1", 2, "tab"),
            ("a: 1\na: 2", 2, "twice"),
            ("a: {b: 1, b: 2}", 1, "twice"),
            ("a: one\n  two", 2, "goes on"),
            ('a: "one\n  two"', 1, "end on its line"),
            ("a: >\n  one", 1, "folded"),
            ("a: b: c", 1, "colon"),
            ("a: [1, 2", 2, "missing"),
            ("a: [1 2]]", 1, "end of the line"),
            ("a: 1\n   b: 2", 2, "goes on"),
            ("- a\nb: 1", 2, "fits nowhere"),
            ("a: 1\n---\nb: 1", 2, "several documents"),
            ("%YAML 1.1\n---\na: 1", 1, "directives"),
            ("? a\n: b", 1, "begin"),
            ('a: "\\q"', 1, "means nothing"),
            ("a: 'x' y", 1, "end of the line"),
            ("[" * 100, 1, "deep"),
        ):
            with self.subTest(text=text), self.assertRaises(YamlRefused) as refused:
                read(text)
            self.assertEqual(refused.exception.line, line, refused.exception)
            self.assertIn(words, str(refused.exception))

    def test_bytes_that_are_no_text(self):
        with self.assertRaises(UserErrorException) as refused:
            load_yaml(b"a: 1\nb: \xff\n", "my.yml")
        self.assertIn("my.yml:2: the file is not valid UTF-8", refused.exception.message)

    def test_without_a_library_it_says_what_to_install(self):
        code = "import sys; sys.modules['yaml'] = sys.modules['ruamel'] = sys.modules['ruamel.yaml'] = None\n"
        code += "from switchyard_client.yaml_subset import load_yaml\nload_yaml('a: &x 1\\nb: *x', 'my.yml')"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
        self.assertIn("my.yml:1: a value does not begin with & here", done.stderr)
        self.assertIn("pip install PyYAML", done.stderr)


class Writing(unittest.TestCase):
    def test_looks_like_people_write_it(self):
        value = read(CONDA)
        text = to_yaml(dict(value, text="FROM x\nRUN y\n", empty=[], none=None, number=0.5))
        self.assertEqual(
            text,
            "name: project_environment\nchannels:\n- conda-forge\n- 'https://example.org/c#1'\ndependencies:\n- python=3.6.2\n"
            "- numpy>=1.19,<2\n- pip:\n  - azureml-defaults\n  - --extra-index-url https://example.org/simple\n  - pillow==5.4.1\n"
            "text: |\n  FROM x\n  RUN y\nempty: []\nnone:\nnumber: 0.5\n",
        )

    def test_what_cannot_be_written(self):
        with self.assertRaises(UserErrorException):
            to_yaml({"a": object()})

    def test_it_reads_what_it_writes(self):
        chance = random.Random(4)
        for _ in range(3000):
            value = some_value(chance, 3)
            text = to_yaml(value)
            self.assertEqual(read(text), value, text)


TEXTS = ["", "a", "yes", "No", "null", "~", "1", "1.5", "1e3", "0x1", "0o7", "007", "12:30", "1_000", "2020-01-02", "=", "<<", "a: b", "a #b",
         "#a", "- a", "-", "--x", "---", "...", "[a", "{a", "a]", "a,b", "'", '"', "it's", "a\nb", "a\nb\n", "\n", " a", "a ", "a\t", "\ta", "é",
         "\U0001f600", "\x00", "\x85", "\u2028", "\ufeff", "*a", "&a", "!a", "%a", "@a", "`a", "a:", ":a", "?a", "? a", "$X", "a\\b", "|", ">",
         "a\n\n b\n", "\na", "trailing \nline", ".5", "5.", ".", "..", "-.5", "+1", "0b1", ".inf", "-.Inf", ".nan", "1e", "e1", "1,2", "A" * 200,
         "numpy>=1.19,<2", "https://x.org/?a=b&c#d", "C:\\x", "a  b", "pip[x]==1", "0.1.2", "3.10", "1__2", "a:b", "x::y", "\r", "a\rb"]  # fmt: skip


def some_text(chance):
    if chance.random() < 0.6:
        return chance.choice(TEXTS)
    return "".join(chance.choice("ab1 :#-?[]{},&*!|>'\"%@`\\\n\t=.~_é") for _ in range(chance.randrange(8)))


def some_value(chance, depth):
    kind = chance.randrange(8 if depth else 5)
    if kind < 2:
        return some_text(chance)
    if kind == 2:
        return chance.choice([None, True, False])
    if kind == 3:
        return chance.choice([0, 1, -1, 10**20, 255])
    if kind == 4:
        return chance.choice([0.5, 1e-7, -1e300, 1e22, float("inf"), 3.0])
    if kind == 5:
        return {some_text(chance): some_value(chance, depth - 1) for _ in range(chance.randrange(4))}
    return [some_value(chance, depth - 1) for _ in range(chance.randrange(4))]


class BesideTheLibrary(unittest.TestCase):
    def setUp(self):
        if yaml is None:
            self.fail("PyYAML is not installed here; .cache/test-python/bin/python has it (scripts/test-python.sh makes it).")

    def test_a_library_reads_what_it_writes(self):
        chance = random.Random(5)
        for _ in range(3000):
            value = some_value(chance, 3)
            text = to_yaml(value)
            self.assertEqual(yaml.safe_load(text), value, text)
            self.assertEqual(load_with_library(text), (True, value), text)

    def test_it_reads_nothing_that_a_library_reads_otherwise(self):
        chance = random.Random(6)
        seeds = [CONDA, "a: |\n  b\n c: 1\n", "a:\n- b: [1, {c: 'd'}]\n  e: \"f\"\n- - g\n  - h: i\n"]
        for path in glob.glob(os.path.join(GOLDEN, "runconfig", "*.runconfig")):
            with open(path, encoding="utf-8") as file:
                seeds.append(file.read())
        taken = 0
        for _ in range(6000):
            text = mutated(chance, chance.choice(seeds))
            try:
                value = read(text)
            except YamlRefused:
                continue
            taken += 1
            try:
                expected = load_with_library(text)
            except YamlRefused as refused:
                self.fail("%s, but was read as %r:\n%s" % (refused, value, text))
            self.assertEqual((True, value), expected, text)
        self.assertGreater(taken, 1000)

    def test_more_of_yaml_through_the_library(self):
        text = "base: &b {x: 1}\nmore:\n  - *b\nfolded: >\n  one\n  two\nlong: one\n  two\n"
        self.assertEqual(load_yaml(text, "f"), {"base": {"x": 1}, "more": [{"x": 1}], "folded": "one two\n", "long": "one two"})

    def test_the_library_is_not_led_astray(self):
        for text, words in (
            ("a: &a [*a]", "too large"),
            (
                "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                + "".join("b%d: &b%d [%s]\n" % (n, n, ",".join(["*a" if n == 0 else "*b%d" % (n - 1)] * 10)) for n in range(6)),
                "too large",
            ),
            ("a: !!python/object/apply:os.system [echo]", "tag"),
            ("a: &x 1\na: 2", "twice"),
        ):
            with self.assertRaises(UserErrorException) as refused:
                load_yaml(text, "f")
            self.assertIn(words, refused.exception.message)


def mutated(chance, text):
    lines = text.split("\n")
    start = chance.randrange(len(lines))
    text = "\n".join(lines[start : start + chance.randrange(1, 8)])
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(text) + 1)
        text = (
            text[:at]
            + chance.choice(
                ["", " ", "  ", "\n", ":", ": ", "- ", "#", " #", "'", '"', "[", "]", "{", "}", ",", "|", "\t", "\n\n", "a", "1"]
            )
            + text[at + chance.randrange(2) :]
        )
    return text + "\n"
