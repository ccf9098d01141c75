"""The reader of the subset: blocks and flows of mappings and lists, plain and quoted scalars on one line, literal blocks.

What it does not know (anchors, tags, directives, several documents, scalars over several lines) it refuses; it never guesses.
"""
import re

from switchyard_client.yaml_subset.flow import NOT_PRINTABLE, Flow, key_end, without_comment
from switchyard_client.yaml_subset.refused import YamlRefused

_LITERAL = re.compile(r"\|([-+]?) *(?: #.*)?\Z")
#: Deeper nesting is no configuration, and would end in Python's own limit.
_DEEPEST = 64


def read(text):
    """The value of the text."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = (text if text.endswith("\n") else text + "\n").split("\n")
        self._next = 0
        self._depth = 0

    def read(self):
        self._skip_start()
        if self._peek() is None:
            return None
        value = self._node(-1)
        left = self._peek()
        if left is not None:
            self._refuse("this line fits nowhere; look at its indentation")
        return value

    def _skip_start(self):
        line = self._peek()
        if line is not None and line[0] == 0 and line[1].startswith("%"):
            self._refuse("directives are not read")
        if line is not None and line[0] == 0 and without_comment(line[1], 0) == "---":
            self._next += 1

    # --- lines

    def _peek(self):
        """(indentation, content) of the next line that holds something."""
        while self._next < len(self._lines):
            line = self._lines[self._next]
            content = line.lstrip(" ")
            if content == "" or content.startswith("#"):
                self._next += 1
                continue
            if content.startswith("\t"):
                self._refuse("a tab indents this line; use spaces")
            indent = len(line) - len(content)
            if indent == 0 and (re.match(r"(---|\.\.\.)(\s|\Z)", content)):
                if without_comment(content, 0) == "..." and not any(each.strip() for each in self._lines[self._next + 1 :]):
                    self._next = len(self._lines)
                    return None
                if self._next > 0 and any(self._holds(each) for each in self._lines[: self._next]):
                    self._refuse("several documents in one file are not read")
                if without_comment(content, 0) != "---":
                    self._refuse("what follows --- has to begin on a line of its own")
            return indent, content
        return None

    @staticmethod
    def _holds(line):
        return line.strip(" ") != "" and not line.lstrip(" ").startswith("#")

    def _refuse(self, reason, line=None):
        raise YamlRefused(reason, (self._next if line is None else line) + 1)

    # --- blocks

    def _node(self, parent):
        """The value that begins on the next line, which stands deeper than ``parent``."""
        indent, content = self._peek()
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse("values are nested over %d deep" % _DEEPEST)
        try:
            if content == "-" or content.startswith("- "):
                return self._list(indent)
            if key_end(content) is not None:
                return self._mapping(indent)
            return self._inline(len(self._lines[self._next]) - len(content), parent)
        finally:
            self._depth -= 1

    def _list(self, indent):
        items = []
        while True:
            line = self._peek()
            if line is None or line[0] < indent or (line[0] == indent and not _is_item(line[1])):
                return items
            if line[0] > indent:
                self._refuse("this line is indented deeper than the items before it")
            items.append(self._after(indent, 1, indent))

    def _mapping(self, indent):
        found = {}
        while True:
            line = self._peek()
            if line is None or line[0] < indent:
                return found
            if line[0] > indent:
                self._refuse("this line is indented deeper than the keys before it")
            end = key_end(line[1])
            if _is_item(line[1]) or end is None:
                self._refuse('expected "key: value"')
            key = self._key(line[1][: end - 1])
            if key in found:
                self._refuse('the key "%s" is there twice' % key)
            found[key] = self._after(indent, end, indent, of_key=True)

    def _key(self, text):
        text = text.rstrip(" ")
        flow = Flow(text, 0, self._next)
        key = flow.scalar(raw=True)
        flow.expect_end()
        return key

    def _after(self, indent, offset, parent, of_key=False):
        """The value behind ``key:`` or ``-``, on the same line or below."""
        line = self._lines[self._next]
        start = indent + offset
        rest = line[start:]
        content = rest.strip(" ")
        if content == "" or (content.startswith("#") and rest.startswith(" ")):
            return self._below(parent, of_key)
        begin = start + len(rest) - len(rest.lstrip(" "))
        if line[begin] == "\t":
            self._refuse("a tab stands before the value; use spaces")
        if not of_key and (_is_item(line[begin:]) or key_end(line[begin:]) is not None):
            # `- key: value` and `- - value`: what follows the dash is a block of its own
            self._lines[self._next] = " " * begin + line[begin:]
            return self._node(parent)
        return self._inline(begin, parent)

    def _below(self, parent, of_key):
        self._next += 1
        line = self._peek()
        if line is not None and (line[0] > parent or (of_key and line[0] == parent and _is_item(line[1]))):
            return self._node(parent)
        return None

    def _inline(self, begin, parent):
        """The value that begins at a place of the current line."""
        line = self._lines[self._next]
        if line[begin] == "|" and parent >= 0:
            return self._literal(line[begin:], parent)
        if line[begin] == ">":
            self._refuse("folded texts (>) are not read; write it in quotes, or with |")
        if line[begin] in "[{":
            return self._flow(begin, parent)
        flow = Flow(without_comment(line, begin), begin, self._next)
        value = flow.scalar()
        flow.expect_end()
        self._next += 1
        after = self._peek()
        if after is not None and after[0] > parent:
            self._refuse("this line goes on with the value before it, which is not read; put the value on one line, in quotes")
        return value

    def _flow(self, begin, parent):
        flow = Flow("\n".join(self._lines[self._next :]), begin, self._next)
        value = flow.value()
        last = self._next + flow.lines_read
        for number in range(self._next + 1, last + 1):
            line = self._lines[number]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= parent:
                self._refuse("this line has to stand deeper than the key before it", number)
        flow.expect_line_end()
        self._next = last + 1
        after = self._peek()
        if after is not None and after[0] > parent:
            self._refuse("this line is indented deeper than the lines before it")
        return value

    def _literal(self, header, parent):
        match = _LITERAL.match(header)
        if match is None:
            self._refuse("a text that begins with | and a number is not read")
        self._next += 1
        first = next((line for line in self._lines[self._next :] if line.strip(" ")), "")
        depth = len(first) - len(first.lstrip(" "))
        kept = []
        if depth > parent:
            while self._next < len(self._lines):
                line = self._lines[self._next]
                if line.strip(" ") and len(line) - len(line.lstrip(" ")) < depth:
                    break
                if not kept and not line.strip(" ") and len(line) > depth:
                    self._refuse("an empty line before the text is longer than the text's indentation")
                if NOT_PRINTABLE.search(line):
                    self._refuse("there is a character in it that cannot be printed")
                kept.append(line[depth:] if len(line) > depth else "")
                self._next += 1
        return _chomped(kept, match.group(1), self._next == len(self._lines))


def _is_item(content):
    return content == "-" or content.startswith("- ")


def _chomped(lines, how, at_end):
    """``-`` takes the newlines at the end away, ``+`` keeps them all, neither keeps one."""
    if at_end and lines and lines[-1] == "":
        lines = lines[:-1]  # what stands behind the last newline of the file is no line
    text = "".join(line + "\n" for line in lines)
    body = text.rstrip("\n")
    if how == "+":
        return text
    return body if how == "-" or not body else body + "\n"
