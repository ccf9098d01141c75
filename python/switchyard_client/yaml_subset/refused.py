"""What is said of a text that the subset does not take."""


class YamlRefused(ValueError):
    """The text is no YAML, or YAML beyond the subset; ``line`` counts from 1."""

    def __init__(self, reason, line):
        super().__init__("line %d: %s" % (line, reason))
        self.reason = reason
        self.line = line
