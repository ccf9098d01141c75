"""What people attach to things of a workspace."""


class Labelled:
    """A thing with labels; ``_shown`` is the server's answer, in which they are."""

    @property
    def description(self):
        """What people say of it, or None."""
        return self._shown["description"]

    @property
    def tags(self):
        """Tags by name; ``add_tags`` and ``remove_tags`` change them."""
        return self._shown["tags"]

    @property
    def properties(self):
        """Properties by name; they are added and never changed."""
        return self._shown["properties"]
