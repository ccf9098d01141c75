import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gitProperties, withoutCredentials } from "./gitProperties.ts";

describe("gitProperties", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "git-"));
    vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
    vi.stubEnv("GIT_CEILING_DIRECTORIES", tmpdir());
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b", ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();
  const repository = () => {
    git("init", "-q", "-b", "trunk");
    writeFileSync(join(folder, "a.txt"), "a");
    git("add", ".");
    git("commit", "-q", "-m", "first");
    return git("rev-parse", "HEAD");
  };

  it("tells repository, branch, commit and whether there are changes, under both names", async () => {
    const commit = repository();
    git("remote", "add", "origin", "https://ada:secret@example.com/team/repo.git");
    const clean = {
      "azureml.git.repository_uri": "https://example.com/team/repo.git",
      "mlflow.source.git.repoURL": "https://example.com/team/repo.git",
      "azureml.git.branch": "trunk",
      "mlflow.source.git.branch": "trunk",
      "azureml.git.commit": commit,
      "mlflow.source.git.commit": commit,
      "azureml.git.dirty": "False",
    };
    expect(await gitProperties(folder)).toEqual(clean);
    writeFileSync(join(folder, "b.txt"), "b");
    expect(await gitProperties(folder)).toEqual({ ...clean, "azureml.git.dirty": "True" });
    mkdirSync(join(folder, "sub"));
    expect(await gitProperties(join(folder, "sub"))).toEqual(clean); // only changes below the folder itself count
  });

  it("has no branch when HEAD is detached and no repository without a remote", async () => {
    git("init", "-q", "-b", "trunk");
    expect(await gitProperties(folder)).toEqual({
      "azureml.git.branch": "trunk",
      "mlflow.source.git.branch": "trunk",
      "azureml.git.dirty": "False",
    });
    const commit = repository();
    git("checkout", "-q", "--detach");
    expect(await gitProperties(folder)).toEqual({
      "azureml.git.commit": commit,
      "mlflow.source.git.commit": commit,
      "azureml.git.dirty": "False",
    });
  });

  it("is empty outside a repository, in a folder that is none, and without git", async () => {
    expect(await gitProperties(folder)).toEqual({});
    expect(await gitProperties(join(folder, "none"))).toEqual({});
    repository();
    vi.stubEnv("PATH", join(folder, "nothing"));
    expect(await gitProperties(folder)).toEqual({});
  });

  it("is empty when git is broken", async () => {
    repository();
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/git"), "#!/bin/sh\necho nonsense\nexit 1\n");
    chmodSync(join(folder, "bin/git"), 0o755);
    vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env.PATH}`);
    expect(await gitProperties(folder)).toEqual({});
  });

  it.each([
    ["https://user:pass@host/x.git", "https://host/x.git"],
    ["https://token@host/x.git", "https://host/x.git"],
    ["https://a@b:c@host/x@y.git", "https://host/x@y.git"],
    ["https://host/x@y.git", "https://host/x@y.git"],
    ["ssh://git@host/x.git", "ssh://git@host/x.git"],
    ["ssh://git:pass@host/x.git", "ssh://host/x.git"],
    ["git@host:team/x.git", "git@host:team/x.git"],
    ["/srv/git/x.git", "/srv/git/x.git"],
  ])("strips what is secret from %s", (uri, stripped) => {
    expect(withoutCredentials(uri)).toBe(stripped);
  });
});
