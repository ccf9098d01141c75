"""Flow values (``[a, b]``, ``{a: 1}``) and scalars of the YAML subset."""
import re

from switchyard_client.yaml_subset.refused import YamlRefused
from switchyard_client.yaml_subset.scalars import resolve

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ",
    '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_CODES = {"x": 2, "u": 4, "U": 8}
_NEVER_FIRST = "[]{},#&*!|>'\"%@`"
#: Among them the line ends that only some readers know.
NOT_PRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_DEEPEST = 64
#: A plain scalar between brackets: spaces within it count, and a colon that no space follows.
_IN_FLOW = re.compile(r"(?:[^\s,\[\]{}:#]|:(?![\s,\[\]{}]|\Z)|(?<=\S)#|[ \t]+(?![\s#,\[\]{}:]|\Z)|[ \t]+(?=:[^\s,\[\]{}]))*")


def key_end(content):
    """Behind the colon of ``key:`` when the content begins a mapping, else None."""
    if content[:1] in ('"', "'"):
        flow = Flow(content, 0, 0)
        try:
            flow.scalar()
        except YamlRefused:
            return None
        rest = content[flow.position :]
        at = flow.position + len(rest) - len(rest.lstrip(" "))
        return at + 1 if content[at : at + 1] == ":" and content[at + 1 : at + 2] in ("", " ", "\t") else None
    if content[:1] in tuple("[{"):
        return None
    for match in re.finditer(r":(?=[ \t]|\Z)| #", content):
        return match.end() if match.group().startswith(":") else None
    return None


def without_comment(line, begin):
    """The line up to the comment behind the scalar that begins at ``begin``, trailing spaces gone."""
    if line[begin : begin + 1] in ('"', "'"):
        return line.rstrip(" ")  # `expect_end` looks what follows
    comment = re.compile(r" #").search(line, begin)
    return (line if comment is None else line[: comment.start()]).rstrip(" ")


class Flow:
    """Reads values from a place in a text; ``first_line`` is that of the text in its file, from 0."""

    def __init__(self, text, position, first_line):
        self._text = text
        self.position = position
        self._first_line = first_line
        self._depth = 0

    @property
    def lines_read(self):
        return self._text.count("\n", 0, self.position)

    def refuse(self, reason):
        raise YamlRefused(reason, self._first_line + self.lines_read + 1)

    def expect_end(self):
        """Nothing but a comment may follow in the text."""
        rest = self._text[self.position :]
        if rest.strip(" ") and not re.match(r" +#", rest):
            self.refuse("expected the end of the line, came %r" % rest.strip()[:20])

    def expect_line_end(self):
        """Nothing but a comment may follow on the line."""
        end = self._text.find("\n", self.position)
        rest = self._text[self.position : end if end >= 0 else len(self._text)]
        if rest.strip(" ") and not re.match(r" +#", rest):
            self.refuse("expected the end of the line, came %r" % rest.strip()[:20])

    # --- scalars

    def scalar(self, raw=False, in_flow=False):
        """A scalar on one line; a plain one is resolved unless its text is wanted ``raw``."""
        first = self._text[self.position : self.position + 1]
        if first == '"':
            return self._double()
        if first == "'":
            return self._single()
        return self._plain(raw, in_flow)

    def _plain(self, raw, in_flow):
        text, start = self._text, self.position
        if in_flow:
            match = _IN_FLOW.match(text, start)
            found = match.group().rstrip(" ")
        else:
            found = text[start:].rstrip(" ")
        if found == "":
            self.refuse("expected a value")
        second = found[1:2]
        if found[0] in _NEVER_FIRST or (
            found[0] in "-?:" and (second in ("", " ", "\t") or (in_flow and (second in ",[]{}" or found[0] == ":")))
        ):
            self.refuse("a value does not begin with %s here; put it in quotes" % found[0])
        if not in_flow and re.search(r":(?=[ \t]|\Z)", found):
            self.refuse("a colon stands within the value; put the value in quotes")
        if NOT_PRINTABLE.search(found):
            self.refuse("there is a character in it that cannot be printed")
        if "\n" in found or "\t" in found:
            self.refuse("a tab stands within the value; put the value in quotes")
        self.position = start + len(found)
        return found if raw else resolve(found)

    def _single(self):
        match = re.compile(r"'((?:[^'\n]|'')*)'").match(self._text, self.position)
        if match is None or NOT_PRINTABLE.search(match.group()):
            self.refuse("a text in quotes has to end on its line, and hold only characters that can be printed")
        self.position = match.end()
        return match.group(1).replace("''", "'")

    def _double(self):
        match = re.compile(r'"((?:[^"\\\n]|\\[^\n])*)"').match(self._text, self.position)
        if match is None or NOT_PRINTABLE.search(match.group()):
            self.refuse("a text in quotes has to end on its line, and hold only characters that can be printed")
        found = re.sub(r"\\(?:x(.{0,2})|u(.{0,4})|U(.{0,8})|(.))", self._escaped, match.group(1))
        self.position = match.end()
        return found

    def _escaped(self, match):
        code = match.group(1) or match.group(2) or match.group(3)
        if code is not None:
            if not re.match(r"(?:[0-9a-fA-F]{2}|[0-9a-fA-F]{4}|[0-9a-fA-F]{8})\Z", code) or len(code) != _CODES[match.group()[1]]:
                self.refuse("\\%s needs more hexadecimal digits" % match.group()[1])
            number = int(code, 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                self.refuse("%s is no character" % match.group())
            return chr(number)
        if match.group(4) not in _ESCAPES:
            self.refuse("\\%s means nothing in a text; for a backslash write \\\\ or use single quotes" % match.group(4))
        return _ESCAPES[match.group(4)]

    # --- collections

    def value(self):
        """Any flow value, over several lines if need be."""
        self._depth += 1
        if self._depth > _DEEPEST:
            self.refuse("values are nested over %d deep" % _DEEPEST)
        first = self._text[self.position : self.position + 1]
        if first == "[":
            found = self._flow_list()
        elif first == "{":
            found = self._flow_mapping()
        else:
            found = self.scalar(in_flow=True)
        self._depth -= 1
        return found

    def _flow_list(self):
        items = []
        self.position += 1
        while not self._closes("]"):
            if self.position == len(self._text):
                self.refuse('"]" is missing')
            items.append(self.value())
            self._space()
            if self._text[self.position : self.position + 1] == ":":
                self.refuse("a mapping without braces in a list is not read; write {key: value}")
            self._separator("]")
        return items

    def _flow_mapping(self):
        found = {}
        self.position += 1
        while not self._closes("}"):
            if self.position == len(self._text):
                self.refuse('"}" is missing')
            quoted = self._text[self.position] in "\"'"
            key = self.scalar(raw=True, in_flow=True)
            if key in found:
                self.refuse('the key "%s" is there twice' % key)
            self._space()
            found[key] = self._flow_value(quoted)
            self._space()
            self._separator("}")
        return found

    def _flow_value(self, quoted):
        if self._text[self.position : self.position + 1] != ":":
            return None
        following = self._text[self.position + 1 : self.position + 2]
        if following not in (" ", "\n", ",", "}", "") and not quoted:
            self.refuse("a space is missing behind the colon")
        self.position += 1
        self._space()
        return None if self._text[self.position : self.position + 1] in (",", "}") else self.value()

    def _closes(self, bracket):
        self._space()
        if self._text[self.position : self.position + 1] != bracket:
            return False
        self.position += 1
        return True

    def _separator(self, bracket):
        following = self._text[self.position : self.position + 1]
        if following == ",":
            self.position += 1
        elif following != bracket:
            self.refuse('expected "," or "%s"' % bracket if following else '"%s" is missing' % bracket)

    def _space(self):
        """Passes spaces, line ends and comments."""
        self.position = re.compile(r"(?:[ \n]|(?<=[ \n])#[^\n]*)*").match(self._text, self.position).end()
        if self._text[self.position : self.position + 1] == "\t":
            self.refuse("a tab stands here; use spaces")
