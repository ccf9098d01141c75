"""Numbers that steps of datasets take: how many, which part, which seed."""
import os

from switchyard_client.errors import UserErrorException


def count_of(value):
    """A number of files or rows."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UserErrorException("count has to be a whole number of 0 or more; it is %r." % (value,))
    return value


def share_of(value):
    """A probability, or a part of a whole."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        raise UserErrorException("A share of a dataset is a number from 0 to 1; it is %r." % (value,))
    return float(value)


def seed_of(seed):
    """The seed; without one, it is chosen now, so that the dataset has the same rows whenever it is read."""
    return int.from_bytes(os.urandom(4), "big") if seed is None else int(seed)
