"""Telemetry of the vendor's: there is none here, whatever a script says of it."""

_diagnostics = {"send": False}


def set_diagnostics_collection(send_diagnostics=True, verbosity=None):
    """Taken because notebooks say it. Nothing is collected and nothing is sent, ``send_diagnostics`` or not."""
    _diagnostics["send"] = bool(send_diagnostics)


def get_diagnostics_collection_info():
    """What was said last by ``set_diagnostics_collection``, and the verbosity (always None)."""
    return _diagnostics["send"], None


__all__ = ["get_diagnostics_collection_info", "set_diagnostics_collection"]
