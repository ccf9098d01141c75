"""Switchyard's client for Python 3.6 and later; it imports nothing but the standard library.

In a run it lies on PYTHONPATH. What a script logs is appended to a journal file beside it; no socket stands between a
training loop and its next step.
"""
