"""Libraries of Databricks clusters, for environments and steps of pipelines."""
from switchyard_client.configuration.environmentsections import (
    DatabricksSection,
    EggLibrary,
    JarLibrary,
    MavenLibrary,
    PyPiLibrary,
    RCranLibrary,
)

__all__ = ["DatabricksSection", "EggLibrary", "JarLibrary", "MavenLibrary", "PyPiLibrary", "RCranLibrary"]
