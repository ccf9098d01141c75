"""Asks the server about compute targets; its refusals become the exception that v1 scripts catch."""
import contextlib
import re
import time

from switchyard_client.errors import ComputeTargetException, ComputeTargetExists, ServerUnreachable, ServiceException

#: While something is waited for, the server may be away for so long: it may be starting again.
AWAY_SECONDS = 120
#: What else is part of an address would lead elsewhere.
_COULD_BE_A_NAME = re.compile(r"[A-Za-z0-9_-]+$")
#: Refusals that are about the target. Others, such as a token that is not valid, say nothing about it.
_ABOUT_THE_TARGET = ("bad_request", "conflict", "forbidden", "job_rejected", "not_found", "not_implemented", "unknown_target")


@contextlib.contextmanager
def told_in_v1_words():
    """A server that is away or does not know who asks stays a ServiceException: find-or-create must not take it for "none"."""
    try:
        yield
    except ServiceException as error:
        if error.code == "already_exists":
            raise ComputeTargetExists(error.message, inner_exception=error) from error
        if error.code in _ABOUT_THE_TARGET:
            raise ComputeTargetException(error.message, inner_exception=error) from error
        raise


def ask(workspace, method, *parts, **kwargs):
    """Ask about the targets of a workspace, or about one of them."""
    server = workspace._server
    with told_in_v1_words():
        return server.ask(method, server.path("computes", *parts), **kwargs)


def look_up(workspace, name):
    """A target as the server shows it now; it is not asked whether it can take runs, which may take a while."""
    if not isinstance(name, str) or not _COULD_BE_A_NAME.match(name):
        raise ComputeTargetException("There is no compute target %r: a name has letters, digits and -." % (name,))
    return ask(workspace, "GET", name, query={"check": "false"})


def is_missing(error):
    """Did the server say that there is no such target?"""
    return getattr(error.inner_exception, "code", None) == "not_found"


def patiently(question):
    """Ask until the server answers, for as long as it may be away."""
    until = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            return question()
        except ServerUnreachable:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def require_kind(workspace, kind, title, verb):
    """Refuse, in words, to ``create`` or ``attach`` what this server cannot; nothing secret has been sent by then."""
    rows = {row["type"]: row for row in workspace._server.ask("GET", "/api/v1/compute-kinds")}
    if not rows.get(kind, {}).get("available"):
        usable = ", ".join(sorted(name for name, row in rows.items() if row["available"]))
        raise ComputeTargetException(
            "%s cannot be %s: this server does not have targets of the kind %s yet. Kinds it knows to use: %s."
            % (title, _done(verb), kind, usable)
        )
    if not rows[kind]["creatable" if verb == "create" else "attachable"]:
        other = "attach" if verb == "create" else "create"
        raise ComputeTargetException("%s cannot be %s here, only %s." % (title, _done(verb), _done(other)))


def _done(verb):
    return "created" if verb == "create" else "attached"


def vm_sizes(workspace):
    """Every size that a machine can have, as a list of {name, vCPUs, gpus, memoryGB, maxResourceVolumeMB}."""
    server = workspace._server
    try:
        with told_in_v1_words():
            return server.ask("GET", "/api/v1/vm-sizes")
    except ComputeTargetException as error:
        if is_missing(error):
            message = "The server at %s cannot list VM sizes yet." % server.url
            raise ComputeTargetException(message, inner_exception=error.inner_exception) from error
        raise
