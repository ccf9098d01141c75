"""Reads YAML that the subset refuses through PyYAML or ruamel.yaml; scalars mean the same as in the subset."""
from switchyard_client.yaml_subset.refused import YamlRefused
from switchyard_client.yaml_subset.scalars import resolve

#: Anchors let a short text stand for billions of values; no honest file comes near this.
_MOST_PARTS = 20000
#: Those of nodes without a tag of their own: the loaders used here resolve nothing.
_TAGS = tuple("tag:yaml.org,2002:" + kind for kind in ("str", "seq", "map"))


def load_with_library(text):
    """``(True, value)``, or ``(False, None)`` when no library is installed."""
    compose = _pyyaml() or _ruamel()
    if compose is None:
        return False, None
    return True, _Building().value(compose(text))


def _pyyaml():
    try:
        import yaml
    except ImportError:
        return None
    return lambda text: _composed(lambda: yaml.compose(text, Loader=yaml.BaseLoader), yaml.YAMLError)


def _ruamel():
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        return None
    return lambda text: _composed(lambda: YAML(typ="base", pure=True).compose(text), YAMLError)


def _composed(compose, error_class):
    try:
        return compose()
    except error_class as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise YamlRefused(reason, mark.line + 1 if mark else 1) from error


class _Building:
    """Makes values of the library's nodes."""

    def __init__(self):
        self._open = set()
        self._parts = 0

    def value(self, node):
        if node is None:
            return None
        self._parts += 1
        if self._parts > _MOST_PARTS or id(node) in self._open:
            raise YamlRefused("anchors make a value of this that is too large", _line(node))
        if node.tag not in _TAGS:
            raise YamlRefused("the tag %s is not known; remove it" % node.tag, _line(node))
        if node.id == "scalar":
            return node.value if node.style else resolve(node.value)
        self._open.add(id(node))
        try:
            if node.id == "sequence":
                return [self.value(item) for item in node.value]
            return self._mapping(node)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node):
        found = {}
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                raise YamlRefused("a key has to be a text", _line(key_node))
            if key_node.value in found:
                raise YamlRefused('the key "%s" is there twice' % key_node.value, _line(key_node))
            found[key_node.value] = self.value(value_node)
        return found


def _line(node):
    return node.start_mark.line + 1
