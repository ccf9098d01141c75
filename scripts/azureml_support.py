"""Says of each name of a support table whether ``python/azureml`` has it: reads rows from standard input, writes them to standard output.

A name that is there and only raises ``not_built(...)``, or can only be imported, is not there.
"""
import ast
import importlib
import inspect
import json
import pkgutil
import sys
import textwrap


#: What look-ups by a name give back is of another class than the name: its members count as the name's.
GIVEN_BACK = {
    "azureml.core.Dataset": ("azureml.data.abstract_dataset.AbstractDataset",),
    "azureml.core.Datastore": ("azureml.data.abstract_datastore.AbstractDatastore",),
    "ComputeStatus": ("azureml.core.compute.amlcompute.AmlComputeStatus",),
}


def main():
    rows = json.load(sys.stdin)
    everywhere = _classes_by_name()
    for row in rows:
        found = _find([row["name"]] + row.get("also", []), everywhere)
        row["here"] = found is not None
        given = [_at(path) for path in GIVEN_BACK.get(row["name"], ())]
        if found is None and given and given[0] is not None:
            row["here"] = True
        family = [each for value in [found] + given for each in _family(value)]
        for member in row.get("members", {}):
            row["members"][member] = any(_has(each, member, attributes) for each, attributes in family)
    json.dump(rows, sys.stdout)


def _find(paths, everywhere):
    """What the first of these dotted names that can be imported stands for."""
    for path in paths:
        value = _at(path) if "." in path else everywhere.get(path)
        if value is None and path == "azureml":
            value = importlib.import_module(path)
        if value is not None and not _only_refuses(value):
            return value
    return None


def _at(path):
    module_name, _, name = path.rpartition(".")
    for attempt in (lambda: importlib.import_module(path), lambda: getattr(importlib.import_module(module_name), name)):
        try:
            return attempt()
        except (ImportError, AttributeError, NotImplementedError):
            pass
    return None


def _classes_by_name():
    """Classes that scripts meet without importing them, like the sections of a run configuration."""
    import azureml
    import switchyard_client

    found = {}
    for package in (switchyard_client, azureml):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            try:
                names = vars(importlib.import_module(module.name))
            except (ImportError, NotImplementedError, SyntaxError):
                continue
            found.update((name, value) for name, value in list(names.items()) if inspect.isclass(value))
    return found


def _family(found):
    """What was found and, of a class, all that come from it: a look-up gives back the concrete one. With their instances' names."""
    if not inspect.isclass(found):
        return [] if found is None else [(found, set())]
    classes = [found]
    for each in classes:
        classes.extend(each.__subclasses__())
    return [(each, _own_attributes(each)) for each in classes]


def _has(owner, member, attributes):
    """Whether ``member``, perhaps dotted, is a part of a class, of its instances or of a module."""
    first, _, rest = member.partition(".")
    try:
        value = inspect.getattr_static(owner, first)
    except AttributeError:
        value = getattr(owner, first, None) if inspect.ismodule(owner) else None
        if value is None:
            return first in attributes and not rest
    if rest:
        return _has(getattr(owner, first), rest, set())
    return not _only_refuses(value)


def _own_attributes(found):
    """Names that the class and its bases give to ``self``, and those of an instance that needs nothing, or a name alone, to be made."""
    names = set()
    for each in found.__mro__:
        tree = _tree_of(each)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
                if node.value.id == "self":
                    names.add(node.attr)
    for arguments in ((), ("name",)):
        try:
            names.update(dir(found(*arguments)))
        except Exception:  # it needs something to be made, or will not be made: what the source says is all there is
            pass
    return names


def _only_refuses(value):
    """A function or class whose one statement raises ``not_built(...)`` or NotImplementedError."""
    if _comes_later(value):
        return True
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    if inspect.isclass(value):
        init = vars(value).get("__init__")
        return init is not None and _only_refuses(init)
    if not inspect.isfunction(value):
        return False
    tree = _tree_of(value)
    if tree is None:
        return False
    body = [each for each in tree.body[0].body if not (isinstance(each, ast.Expr) and isinstance(each.value, (ast.Str, ast.Constant)))]
    return len(body) == 1 and isinstance(body[0], ast.Raise) and _raises_not_built(body[0].exc)


def _comes_later(value):
    """What can be imported only so that it says that it is not built yet."""
    maker = value.__spec__.loader if inspect.ismodule(value) else type(value)
    kind = maker if isinstance(maker, type) else type(maker)
    return kind.__module__.startswith("switchyard_client.later")


def _raises_not_built(raised):
    called = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(called, ast.Name) and called.id in ("not_built", "NotImplementedError")


def _tree_of(value):
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(value)))
    except (OSError, TypeError, SyntaxError):
        return None


main()
