"""Estimators and what trains: each in a module of its own."""
from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
