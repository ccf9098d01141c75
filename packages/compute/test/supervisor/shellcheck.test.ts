import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SUPERVISOR_FOLDER } from "./harness.ts";

describe("the supervisor's text", () => {
  // these are programs; what they source is checked with them
  const programs = ["supervise", "waiter.sh", "start.sh", "inside.sh", "keeper.sh", "slurm.sh", "ranks.sh", "rank.sh", "insist.sh"];
  it.each(programs)("%s passes shellcheck as POSIX sh", (name) => {
    const { stdout, error } = spawnSync("shellcheck", ["-x", "-s", "sh", "-P", "SCRIPTDIR", name], {
      cwd: SUPERVISOR_FOLDER,
      encoding: "utf8",
    });
    if (error) throw new Error("These tests need shellcheck. Install it: apt-get install shellcheck.", { cause: error });
    expect(stdout).toBe("");
  });

  it.each(["hello.sh", "look.sh", "missing.sh", "receive.sh", "remove.sh", "spark.sh", "supervise.sh"])(
    "site/%s passes shellcheck as POSIX sh",
    (name) => {
      const { stdout } = spawnSync("shellcheck", ["-x", "-s", "sh", "-P", "SCRIPTDIR", name], {
        cwd: join(SUPERVISOR_FOLDER, "site"),
        encoding: "utf8",
      });
      expect(stdout).toBe("");
    },
  );

  it("has no file that no test looks at", () => {
    const expected = [
      "builders.sh",
      "container.sh",
      "create.sh",
      "environment.sh",
      "event.sh",
      "failure.sh",
      "finish.sh",
      "image.sh",
      "inside.sh",
      "insist.sh",
      "keeper.sh",
      "lock.sh",
      "machine.py",
      "packages.sh",
      "placement.sh",
      "prepare.sh",
      "process.sh",
      "rank.sh",
      "ranks.sh",
      "sampler.py",
      "site",
      "slurm.sh",
      "spark.sh",
      "sparkfiles.py",
      "standin.py",
      "start.sh",
      "stop.sh",
      "supervise",
      "variables.sh",
      "waiter.sh",
    ];
    expect(
      readdirSync(SUPERVISOR_FOLDER)
        .filter((name) => !name.startsWith("__"))
        .sort(),
    ).toEqual(expected);
  });
});
