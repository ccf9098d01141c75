"""Environments and their sections."""
from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.environment import Environment, EnvironmentReference
from switchyard_client.configuration.environmentsections import (
    ContainerRegistry,
    DatabricksSection,
    DockerImagePlatform,
    DockerSection,
    EggLibrary,
    JarLibrary,
    MavenLibrary,
    PyPiLibrary,
    PythonSection,
    RCranLibrary,
    SparkPackage,
    SparkSection,
)
from switchyard_client.configuration.words import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from switchyard_client.lazy import import_when_asked

import_when_asked(
    __name__,
    {
        "DockerBuildContext": "switchyard_client.configuration.buildcontext",
        "ImageBuildDetails": "switchyard_client.configuration.building",
    },
)

__all__ = [
    "CondaDependencies", "ContainerRegistry", "DEFAULT_CPU_IMAGE", "DEFAULT_GPU_IMAGE", "DatabricksSection", "DockerImagePlatform",
    "DockerSection", "EggLibrary", "Environment", "EnvironmentReference", "JarLibrary", "MavenLibrary", "PyPiLibrary",
    "PythonSection", "RCranLibrary", "SparkPackage", "SparkSection",
]  # fmt: skip
