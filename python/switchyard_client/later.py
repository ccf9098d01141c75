"""Names of v1 whose feature is not built yet: they can be imported, and whatever is asked of them says what is missing."""
from switchyard_client.errors import not_built

#: Where Switchyard's tracker has web services.
DEPLOYMENT_ISSUE = 7


class Later(type):
    """The class of such names: making one, and every attribute of it, raises NotImplementedError."""

    def __call__(cls, *args, **kwargs):
        raise not_built(cls.__name__, DEPLOYMENT_ISSUE)

    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise not_built("%s.%s" % (cls.__name__, name), DEPLOYMENT_ISSUE)
