"""How the next values are chosen, and from what."""
from switchyard_client.sweeps.errors import HyperDriveConfigException, number, refuse
from switchyard_client.sweeps.expressions import as_expression, expressions_within, is_space, parameters_of

_LARGEST_SEED = (1 << 53) - 1


class Conditional:
    """An expression that counts only when another parameter has one of some values; ``only_when`` makes it."""

    def __init__(self, expression, parameter, values):
        self.expression = expression
        self.when = {"parameter": parameter, "in": values}

    def __repr__(self):
        return "only_when(%r, %r, %r)" % (self.expression, self.when["parameter"], self.when["in"])


def only_when(expression, parameter, values):
    """Draw from ``expression`` only when ``parameter``, a choice of the same space, is one of ``values``; else the script does not get it."""
    if not isinstance(parameter, str) or not parameter:
        refuse("only_when: parameter", "the name of another parameter", parameter)
    values = list(values) if isinstance(values, (list, tuple, set, range)) else [values]
    if not values:
        raise HyperDriveConfigException("only_when: which values of %s? There is none." % parameter)
    return Conditional(as_expression(expression, "only_when: expression"), parameter, values)


class ParameterSampling:
    """Base of the samplings: a space, a map of the script's arguments to expressions, and the kind of drawing."""

    #: the word of ``hdconfig.yml``
    TYPE = None

    def __init__(self, parameter_space, seed=None, properties=None):
        self._parameter_space = _checked_space(parameter_space)
        self._seed = None if seed is None else number(seed, "seed", whole=True, least=0, most=_LARGEST_SEED)
        if properties is not None and not isinstance(properties, dict):
            refuse("properties", 'a map such as {"seed": 1}', properties)
        self._properties = dict(properties or {})
        if self._seed is None and self._properties.get("seed") is not None:
            self._seed = number(self._properties.pop("seed"), "properties: seed", whole=True, least=0, most=_LARGEST_SEED)

    @property
    def parameter_space(self):
        """The space: names to expressions."""
        return dict(self._parameter_space)

    def _names(self):
        """Names of the arguments that come from the space, those of nested choices too."""
        for name, value in self._parameter_space.items():
            yield name
            for each in expressions_within(getattr(value, "expression", value)):
                for option in each[1][0] if each.name == "choice" else ():
                    for inner in option if is_space(option) else ():
                        yield inner

    def _expressions(self):
        """Each expression with the name of the outermost parameter it belongs to."""
        for name, value in self._parameter_space.items():
            for each in expressions_within(getattr(value, "expression", value)):
                yield name, each

    def _to_wire(self):
        wire = {"type": self.TYPE, "parameterSpace": parameters_of(self._parameter_space), "properties": self._properties}
        if self._seed is not None:
            wire["seed"] = self._seed
        return wire

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self._parameter_space)


class RandomParameterSampling(ParameterSampling):
    """Each parameter is drawn by its expression, independently of all before; ``properties`` may hold a ``seed``.

    The same seed draws the same values. When all parameters are choices, no combination comes twice.
    """

    TYPE = "random"

    def __init__(self, parameter_space, properties=None, seed=None):
        super().__init__(parameter_space, seed, properties)


class GridParameterSampling(ParameterSampling):
    """Every combination once. All parameters have to be ``choice``."""

    TYPE = "grid"

    def __init__(self, parameter_space):
        super().__init__(parameter_space)
        for name, expression in self._expressions():
            if expression.name != "choice":
                raise HyperDriveConfigException(
                    "GridParameterSampling takes choice only, and %s is %s: list the values to try in a choice." % (name, expression.name)
                )


class BayesianParameterSampling(ParameterSampling):
    """The next values follow from how the earlier ones did. By the rules of v1 they are ``choice``, ``uniform`` or ``quniform``,
    and no early termination goes with it."""

    TYPE = "bayesian"
    _ALLOWED = ("choice", "uniform", "quniform")

    def __init__(self, parameter_space):
        super().__init__(parameter_space)
        for name, expression in self._expressions():
            if self._ALLOWED and expression.name not in self._ALLOWED:
                raise HyperDriveConfigException(
                    "BayesianParameterSampling takes choice, uniform and quniform only, and %s is %s: use one of them or "
                    "RandomParameterSampling (switchyard_client.sweeps.BayesianSampling takes all of them)." % (name, expression.name)
                )


# --- our own: no limits that only the hosted service had


class RandomSampling(RandomParameterSampling):
    """Each parameter is drawn by its expression; the same ``seed`` draws the same values."""

    def __init__(self, parameter_space, seed=None):
        super().__init__(parameter_space, seed=seed)


class GridSampling(ParameterSampling):
    """Every combination once, of parameters with finitely many values: ``choice``, ``randint``, ``quniform``, ``qloguniform``."""

    TYPE = "grid"

    def __init__(self, parameter_space):
        super().__init__(parameter_space)
        for name, expression in self._expressions():
            if expression.name not in ("choice", "randint", "quniform", "qloguniform"):
                raise HyperDriveConfigException(
                    "%s is %s, which has no end of values; a grid needs a choice of the values to try." % (name, expression.name)
                )


class BayesianSampling(ParameterSampling):
    """Values that did well are followed, with a tree-structured Parzen estimator; all expressions, early termination too.

    ``multivariate`` models parameters together, ``startup_trials`` are drawn at random first (None: as the sampler thinks best).
    """

    TYPE = "bayesian"

    def __init__(self, parameter_space, seed=None, multivariate=None, startup_trials=None):
        super().__init__(parameter_space, seed)
        if multivariate not in (None, True, False):
            refuse("multivariate", "True, False or None", multivariate)
        self._multivariate = multivariate
        self._startup = None if startup_trials is None else number(startup_trials, "startup_trials", whole=True, least=0)

    def _to_wire(self):
        return dict(super()._to_wire(), multivariate=self._multivariate, startupTrials=self._startup)


class SobolSampling(ParameterSampling):
    """A quasi-random sequence: it fills the space more evenly than random draws. The same ``seed`` draws the same values."""

    TYPE = "sobol"

    def __init__(self, parameter_space, seed=None):
        super().__init__(parameter_space, seed)


def _checked_space(space):
    """The space with every expression looked through."""
    if not isinstance(space, dict):
        return refuse("parameter_space", 'a map such as {"--lr": uniform(0.01, 0.1)}', space)
    if not space:
        raise HyperDriveConfigException("parameter_space: the space has no parameter; add one.")
    checked, dashed = {}, {}
    for name, given in space.items():
        _check_name(name)
        argument = name if name.startswith("-") else "--" + name
        if argument in dashed:
            raise HyperDriveConfigException(
                "parameter_space: %r and %r are one argument of the script; keep one of the two." % (dashed[argument], name)
            )
        dashed[argument] = name
        where = "parameter_space[%r]" % name
        checked[name] = given if isinstance(given, Conditional) else as_expression(given, where)
    return checked


def _check_name(name):
    if not isinstance(name, str):
        refuse("parameter_space", "names of arguments such as '--lr'", name)
    if not name.strip("-") or any(letter.isspace() or letter == "=" for letter in name):
        raise HyperDriveConfigException(
            'parameter_space: %r cannot be the name of an argument; give it as --name, without blanks and "=".' % name
        )
