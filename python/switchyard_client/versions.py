"""What differs between this client and a server of another version, in words. Imported only when they differ."""
import warnings

from switchyard_client.version import VERSION

#: Status codes by which a server refuses what it does not know.
OF_THE_UNKNOWN = (400, 404, 405, 501)
_told = set()


def note(server_version, url):
    """Warn once per server that is further away than one minor version; nearer ones understand each other."""
    steps = _steps(server_version)
    if abs(steps) > 1 and url not in _told:
        _told.add(url)
        warnings.warn(_sentence(server_version, url) + " They may misunderstand each other. " + _way_out(steps, url), stacklevel=2)


def explain(server_version, url):
    """A sentence for a refusal that may come from the difference, else an empty one."""
    steps = _steps(server_version)
    if steps == 0:
        return ""
    return " %s If it knows no such thing, that may be why. %s" % (_sentence(server_version, url), _way_out(steps, url))


def _sentence(server_version, url):
    order = "newer" if _steps(server_version) > 0 else "older"
    return "The server at %s is Switchyard %s, %s than this client, %s." % (url, server_version, order, VERSION)


def _way_out(steps, url):
    own = "`pip install --index-url %s/pip/simple/ --upgrade --force-reinstall switchyard` gets the client of that server" % url
    return (own if steps > 0 else "Upgrade the server, or go back: " + own) + "."


def _steps(server_version):
    """How many minor versions the server is ahead; a major one counts as many."""
    try:
        (major, minor), (own_major, own_minor) = [
            [int(part) for part in version.split(".")[:2]] for version in (server_version, VERSION)
        ]
    except ValueError:
        return 0
    return (major - own_major) * 100 + minor - own_minor
