"""What git knows of a folder, as properties of a run (spec 04, section 4)."""
import os
import re
import subprocess

#: Longest that asking git may take; a repository on a sleeping network disk must not hold up a submit.
PATIENCE_SECONDS = 5


def git_properties(folder):
    """Repository, branch and commit under both of their names, and whether there are changes.

    Empty when the folder is in no repository or git is not there; never raises.
    """
    if _ask(folder, "rev-parse", "--is-inside-work-tree") != "true":
        return {}
    uri = _ask(folder, "ls-remote", "--get-url")
    status = _ask(folder, "status", "--porcelain", ".")
    found = {}
    # without a remote git gives back the default remote's name
    _both(found, "repository_uri", "repoURL", without_credentials(uri) if uri and uri != "origin" else None)
    _both(found, "branch", "branch", _ask(folder, "symbolic-ref", "--short", "HEAD"))
    _both(found, "commit", "commit", _ask(folder, "rev-parse", "--verify", "HEAD"))
    if status is not None:
        found["azureml.git.dirty"] = "True" if status else "False"
    return found


def without_credentials(uri):
    """Take user name and password out of ``https://user:password@host/...``; ``git@host:path`` holds no secret."""
    match = re.match(r"([a-z][a-z0-9+.-]*://)([^/]*)@", uri, re.I)
    if match is None or (match.group(1).lower().startswith("ssh") and ":" not in match.group(2)):
        return uri
    return match.group(1) + uri[match.end() :]


def _both(found, ours, mlflow, value):
    if value:
        found["azureml.git." + ours] = found["mlflow.source.git." + mlflow] = value


def _ask(folder, *args):
    """What git prints, trimmed; None when it fails, is missing or does not end in time."""
    # no optional locks: `git status` of a submit must not disturb a git that the person runs at the same time
    variables = dict(os.environ, GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", LC_ALL="C")
    try:
        done = subprocess.run(
            ("git",) + args, cwd=folder, env=variables, timeout=PATIENCE_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
