"""``DockerBuildContext``: a folder with a Dockerfile; not built."""
from switchyard_client.later.modules import placeholder

DockerBuildContext = placeholder("DockerBuildContext", "environments")
