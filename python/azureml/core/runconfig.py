"""Run configurations and all their sections."""
from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.datasections import (
    Data,
    DataLocation,
    DataPath,
    DataReferenceConfiguration,
    Dataset,
    OutputData,
    OutputLocation,
    OutputOptions,
    RegistrationOptions,
)
from switchyard_client.configuration.environment import Environment, EnvironmentReference
from switchyard_client.configuration.environmentsections import (
    ContainerRegistry,
    DatabricksSection,
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
from switchyard_client.configuration.jobsections import (
    AmlComputeConfiguration,
    BatchAiConfiguration,
    CommandReturnCodeConfiguration,
    ContainerInstanceConfiguration,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    RestartConfiguration,
    SparkConfiguration,
    TensorflowConfiguration,
)
from switchyard_client.configuration.runconfiguration import RunConfiguration
from switchyard_client.configuration.words import (
    DEFAULT_CPU_IMAGE,
    DEFAULT_GPU_IMAGE,
    DEFAULT_MMLSPARK_CPU_IMAGE,
    DEFAULT_MMLSPARK_GPU_IMAGE,
)

#: Older names of the same things.
EnvironmentDefinition = Environment
DockerEnvironment = DockerSection
PythonEnvironment = PythonSection
SparkEnvironment = SparkSection


__all__ = [
    "AmlComputeConfiguration", "BatchAiConfiguration", "CommandReturnCodeConfiguration", "CondaDependencies",
    "ContainerInstanceConfiguration", "ContainerRegistry", "DEFAULT_CPU_IMAGE", "DEFAULT_GPU_IMAGE", "DEFAULT_MMLSPARK_CPU_IMAGE",
    "DEFAULT_MMLSPARK_GPU_IMAGE", "Data", "DataLocation", "DataPath", "DataReferenceConfiguration", "DatabricksSection", "Dataset",
    "DockerConfiguration", "DockerSection", "EggLibrary", "Environment", "EnvironmentDefinition", "EnvironmentReference",
    "HdiConfiguration", "HistoryConfiguration", "JarLibrary", "MavenLibrary", "MpiConfiguration", "OutputData", "OutputLocation",
    "OutputOptions", "ParallelTaskConfiguration", "PyPiLibrary", "PyTorchConfiguration", "PythonSection", "RCranLibrary",
    "RegistrationOptions", "RestartConfiguration", "RunConfiguration", "SparkConfiguration", "SparkPackage", "SparkSection",
    "TensorflowConfiguration",
]  # fmt: skip
