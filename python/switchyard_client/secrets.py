"""Values of secrets. They are asked for and handed to the caller; nothing here keeps, prints or logs them."""
from switchyard_client.errors import UserErrorException


def read_secrets(server, names):
    """A dictionary of the named secrets of the server's workspace; None for those that are not there."""
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if not isinstance(name, str):
            raise UserErrorException("The name of a secret is a text, not %r." % (name,))
    if not names:
        return {}
    return server.ask("POST", server.path("secrets", "read"), body={"names": names})["secrets"]
