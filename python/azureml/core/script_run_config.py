"""A script with its folder, ready to be submitted."""
from switchyard_client.configuration.scriptrunconfig import ScriptRunConfig

__all__ = ["ScriptRunConfig"]
