"""``DockerBuildContext``: a folder with a Dockerfile, from which an image would be built."""
from switchyard_client.errors import not_built


class DockerBuildContext:
    """Not built yet: everything raises NotImplementedError. ``Environment.from_dockerfile`` takes a Dockerfile that needs no folder."""

    def __init__(self, *args, **kwargs):
        raise not_built("DockerBuildContext", "environments")

    @staticmethod
    def from_local_directory(workspace, path, dockerfile_path="Dockerfile"):
        """Not built yet: a folder of this machine."""
        raise not_built("DockerBuildContext.from_local_directory", "environments")
