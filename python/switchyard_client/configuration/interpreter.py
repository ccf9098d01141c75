"""Which Python a user-managed run on this machine takes: the one that submits, as its packages are what the script was tried with."""
import sys
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def with_own_interpreter(wire, server):
    """The same configuration; ``python`` becomes this very Python where ``local`` is this machine and nothing else was asked for."""
    environment = wire.get("environment") or {}
    python = environment.get("python") or {}
    docker = (environment.get("docker") or {}).get("enabled") or (wire.get("docker") or {}).get("useDocker")
    here = wire.get("target") == "local" and urlsplit(server.url).hostname in _LOOPBACK
    if here and python.get("userManagedDependencies") and python.get("interpreterPath") == "python" and not docker and sys.executable:
        python["interpreterPath"] = sys.executable
    return wire
