import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@switchyard/compute/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SiteOnDisk } from "../site/siteOnDisk.ts";
import { SUPERVISOR_FOLDER } from "../supervisor/harness.ts";

const text = (name: string) => readFileSync(join(SUPERVISOR_FOLDER, name), "utf8");
const shellProgram = `${text("process.sh")}\n${text("site/look.sh")}`;
/** The same questions to the same directories: whoever answers, the answer is one. */
const PROGRAMS: readonly (readonly [string, readonly string[]])[] = [
  ["Python", ["python3", "-S", "-E", "-c", text("site/look.py")]],
  ["dash", ["dash", "-c", shellProgram]],
  ["bash", ["bash", "-c", shellProgram]],
  ["busybox", ["busybox", "sh", "-c", shellProgram]],
];

let site: SiteOnDisk;
beforeEach(() => {
  site = new SiteOnDisk();
});
afterEach(() => site.close());

function answer(command: readonly string[], question: string): string {
  const { stdout, stderr } = spawnSync(command[0] ?? "", command.slice(1), { input: question, encoding: "utf8", timeout: 30_000 });
  expect(stderr).toBe("");
  return stdout;
}

/** Facts that differ from one moment to the next are taken out, and what has no order is put in one. */
function facts(output: string): string[] {
  const blocks = output.replace(/^at .*$/m, "at NOW").replace(/^ready .*$/m, "ready").replace(/^(attempt \d+) [\d.-]+$/gm, "$1 QUIET").split(/^(?=job$|attempt |end$)/m); // biome-ignore format: one line
  return blocks.map((block) => {
    const lines = block.split("\n").filter((line) => line !== "");
    const files = lines.filter((line) => line.startsWith("file ")).sort();
    return [...lines.filter((line) => !line.startsWith("file ")), ...files].join("\n").trim();
  });
}

function expectAlike(question: string): string[] {
  const [first, ...others] = PROGRAMS.map(([name, command]) => [name, facts(answer(command, question))] as const);
  for (const [name, found] of others) expect(found, name).toEqual(first?.[1]);
  return first?.[1] ?? [];
}

const lookAt = (...directories: string[]) => `look ${directories.length}\n${directories.map((each) => `${each}\n`).join("")}`;

describe("look.py and look.sh", () => {
  it("tell the same of jobs in every state", () => {
    mkdirSync(join(site.directory("unclaimed"), ".switchyard"), { recursive: true });
    writeFileSync(join(site.directory("unclaimed"), ".switchyard/job.sh"), "SY_JOB_ID='a'\nSY_FIRST_ATTEMPT='3'\n");
    writeFileSync(join(site.directory("unclaimed"), ".switchyard/launch.log"), "first line\nsupervise: no room\tleft.\n");
    mkdirSync(site.attempt("claimed"), { recursive: true });
    site.runs("running");
    site.write("running", "azureml-logs/80_driver_log.txt", "hello\n");
    site.write("running", "logs/deep/er/a b 'c' ü.txt", "x");
    site.write("running", "journal/w.jsonl", "{}\n");
    site.write("running", "events.jsonl", "{}\n");
    site.write("running", "sampling/lock", "x");
    for (const number of [1, 2, 10]) site.runs("attempts", number);
    site.ends("attempts", { "logs/a": 1 }, 1);
    site.runs("ended");
    site.ends("ended", { "azureml-logs/80_driver_log.txt": 5 });
    site.write("dead", "pids", "999999 1 999998 1 999997 1 -\n");
    site.write("earlier-boot", "pids", `${process.pid} 1 ${process.pid} 1 ${process.pid} 1 another-boot\n`);
    site.write("torn", "pids", "12 34");
    writeFileSync(site.directory("file"), "");
    const ids = ["missing", "unclaimed", "claimed", "running", "attempts", "ended", "dead", "earlier-boot", "torn", "file"];
    const found = expectAlike(lookAt(...ids.map((id) => site.directory(id)), "/nowhere/jobs/x"));
    expect(found.join("\n")).toContain("first 3\ncomplaint supervise: no room left.");
    expect(found.filter((each) => each.startsWith("attempt"))).toHaveLength(9);
    expect(found.join("\n")).toMatch(/file 1 logs\/deep\/er\/a b 'c' ü\.txt/);
    expect(found.join("\n")).not.toContain("sampling");
    expect(found.join("\n")).toMatch(/job\nnosite\nend|nosite/);
  });

  it("follow no links and name only plain files", () => {
    site.runs("job");
    site.write("job", "logs/plain.txt", "x");
    symlinkSync("/etc/hostname", join(site.attempt("job"), "logs/link.txt"));
    symlinkSync("/etc", join(site.attempt("job"), "etc"));
    spawnSync("mkfifo", [join(site.attempt("job"), "logs/pipe")]);
    writeFileSync(join(site.attempt("job"), "logs/new\nline"), "x");
    symlinkSync(site.attempt("job"), join(site.attempt("job"), "../2"));
    const found = expectAlike(lookAt(site.directory("job"))).join("\n");
    expect(found.match(/^file .*/gm)).toEqual(["file 1 logs/plain.txt"]);
    expect(found).not.toContain("attempt 2");
  });

  it("read pieces exactly, and nothing of what is no plain file", () => {
    const path = site.attempt("job");
    site.write("job", "logs/a", "0123456789");
    symlinkSync("/etc/hostname", join(path, "logs/link"));
    const question = `read 6\n2 3 ${path}/logs/a\n8 100 ${path}/logs/a\n20 5 ${path}/logs/a\n0 5 ${path}/logs/none\n0 5 ${path}/logs/link\n0 5 ${path}/logs\n`;
    for (const [name, command] of PROGRAMS) {
      const expected = "bytes 3\n234whole\nbytes 2\n89whole\nbytes 0\nwhole\nbytes 0\nwhole\nbytes 0\nwhole\nbytes 0\nwhole\n";
      expect(answer(command, question).replace(/^ready .*\n/, ""), name).toBe(expected);
    }
  });

  it("find and list outputs alike", () => {
    const job = site.directory("job");
    mkdirSync(join(job, "outputs/sub"), { recursive: true });
    writeFileSync(join(job, "outputs/a b.txt"), "abc");
    writeFileSync(join(job, "outputs/sub/c"), "");
    writeFileSync(join(job, "outputs/odd\tname"), "");
    symlinkSync("..", join(job, "outputs/sub/loop"));
    spawnSync("mkfifo", [join(job, "outputs/pipe")]);
    const sorted = PROGRAMS.map(([name, command]) => {
      const lines = answer(command, `list 3\n${job}\noutputs\nnot there\nuploads\nlist 1\n${job}-gone\noutputs\n`).split("\n").slice(1);
      return [name, [...lines.slice(0, 6).sort(), ...lines.slice(6)].filter((line) => line !== "")] as const;
    });
    for (const [name, lines] of sorted) expect(lines, name).toEqual(sorted[0]?.[1]);
    expect(sorted[0]?.[1].map((line) => line.replace(/^entry (\w+) (\d+) \d+/, "entry $1 $2"))).toEqual([
      "end",
      "entry 11a4 0 outputs/pipe",
      "entry 81a4 0 outputs/sub/c",
      "entry 81a4 3 outputs/a b.txt",
      "entry a1ff 2 outputs/sub/loop",
      "odd outputs/odd name",
      "gone",
      "end",
    ]);
    const paths = ["outputs/a b.txt", "outputs/none", "outputs/sub", "outputs/sub/loop", "outputs/sub/loop/a b.txt", "outputs/pipe"];
    for (const [name, command] of PROGRAMS) {
      const found = answer(command, paths.map((path) => `find\n${job}\n${path}\n`).join(""))
        .split("\n")
        .slice(1, -1);
      expect(found, name).toEqual(["size 3", "none", "special", "link", "behind", "special"]);
    }
  });

  it("say that a directory cannot be read, and go on", () => {
    if (process.getuid?.() === 0) return; // for root nothing is locked
    site.runs("locked");
    chmodSync(join(site.directory("locked"), ".switchyard"), 0);
    site.runs("open");
    expect(expectAlike(lookAt(site.directory("locked"), site.directory("open"))).join("\n")).toContain("unreadable");
    chmodSync(join(site.directory("locked"), ".switchyard"), 0o700);
  });

  it.each(PROGRAMS)("notice in the next look what has changed since (%s)", async (_name, command) => {
    site.runs("job");
    site.write("job", "logs/old.txt", "x");
    const program = spawn(command[0] ?? "", command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    program.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ask = async () => {
      said = "";
      program.stdin.write(lookAt(site.directory("job")));
      await until("it has answered", () => /^end$/m.test(said));
      return said.match(/^file .*/gm);
    };
    expect(await ask()).toEqual(["file 1 logs/old.txt"]);
    writeFileSync(join(site.attempt("job"), "logs/new.txt"), "xy");
    expect((await ask())?.sort()).toEqual(["file 1 logs/old.txt", "file 2 logs/new.txt"]);
    program.stdin.end();
    await once(program, "close");
  });
});
