import { execFile } from "node:child_process";
import { resolve } from "node:path";

/** Longest that asking git may take; a repository on a sleeping network disk must not hold up a submit. */
const PATIENCE_MS = 5000;

/**
 * What git knows of a folder, as properties of a run (spec 04 §4): both names of repository, branch and commit, and
 * whether there are changes. Empty when the folder is in no repository or git is not there; never throws.
 */
export async function gitProperties(folder: string): Promise<Record<string, string>> {
  const git = (...args: string[]) => ask(resolve(folder), args);
  const [inside, uri, branch, commit, status] = await Promise.all([
    git("rev-parse", "--is-inside-work-tree"),
    git("ls-remote", "--get-url"),
    git("symbolic-ref", "--short", "HEAD"),
    git("rev-parse", "--verify", "HEAD"),
    git("status", "--porcelain", "."),
  ]);
  if (inside?.trim() !== "true") return {};
  return {
    // without a remote git gives back the default remote's name
    ...both("repository_uri", "repoURL", uri === "origin" ? null : withoutCredentials(uri)),
    ...both("branch", "branch", branch),
    ...both("commit", "commit", commit),
    ...(status === null ? {} : { "azureml.git.dirty": status === "" ? "False" : "True" }),
  };
}

function both(ours: string, mlflow: string, value: string | null): Record<string, string> {
  return value ? { [`azureml.git.${ours}`]: value, [`mlflow.source.git.${mlflow}`]: value } : {};
}

/** Takes user name and password out of `https://user:password@host/…`; `git@host:path` names a user but holds no secret. */
export function withoutCredentials(uri: string | null): string | null {
  return uri === null
    ? null
    : uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/]*)@/i, (all, scheme: string, user: string) =>
        scheme.startsWith("ssh") && !user.includes(":") ? all : scheme,
      );
}

/** What git prints, trimmed; null when it fails, is missing or does not end in time. */
function ask(folder: string, args: string[]): Promise<string | null> {
  // no optional locks: `git status` of a submit must not disturb a git that the person runs at the same time
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  return new Promise((done) => {
    execFile("git", args, { cwd: folder, env, timeout: PATIENCE_MS, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      done(error === null ? stdout.trim() : null),
    );
  });
}
