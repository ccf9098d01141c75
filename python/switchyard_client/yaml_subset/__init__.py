"""The YAML of run configurations and conda files, with nothing but the standard library (docs/decisions/0014-python-configurations.md)."""
from switchyard_client.yaml_subset.loading import load_yaml
from switchyard_client.yaml_subset.refused import YamlRefused
from switchyard_client.yaml_subset.scalars import as_written
from switchyard_client.yaml_subset.writing import to_yaml

__all__ = ["YamlRefused", "as_written", "load_yaml", "to_yaml"]
