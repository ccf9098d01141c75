"""Instants as the server writes them."""
import datetime


def instant(text):
    """``2026-03-01T10:00:00.000Z`` as a ``datetime`` in UTC."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)


def instant_or_none(text):
    """The same of a text, and None of None."""
    return None if text is None else instant(text)
