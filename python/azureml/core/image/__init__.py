"""Images of web services, as the oldest SDK made them. Not built yet: each name can be imported and says so when it is used."""
from switchyard_client.later import Later


class Image(metaclass=Later):
    """An image with models and what they need."""


class ContainerImage(Image):
    """An image that is a container's."""


__all__ = ["ContainerImage", "Image"]
