import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderCache } from "../../src/site/folderCache.ts";
import { SiteOnDisk } from "./siteOnDisk.ts";

let site: SiteOnDisk;
beforeEach(() => {
  site = new SiteOnDisk();
});
afterEach(() => site.close());

const LOG = "azureml-logs/80_driver_log.txt";
const filesOf = (look: { observation?: { grown: readonly { attempt: number; file: string }[] } | undefined }) =>
  (look.observation?.grown ?? []).map((growth) => `${growth.attempt}/${growth.file}`).sort();

describe("looking at job directories", () => {
  it("tells missing, unclaimed, preparing, running and exited apart", async () => {
    mkdirSync(join(site.directory("unclaimed"), ".switchyard"), { recursive: true });
    mkdirSync(site.attempt("claimed"), { recursive: true });
    site.runs("running");
    site.runs("exited");
    site.ends("exited", {});
    const ids = ["missing", "unclaimed", "claimed", "running", "exited"];
    const looks = await site.lookAll(ids.map((jobId) => ({ jobId, cursors: [] })));
    expect(looks.map((look) => look.standing.phase)).toEqual(["missing", "unclaimed", "preparing", "running", "exited"]);
    expect(looks.map((look) => look.observation.phase)).toEqual(["missing", "waiting", "waiting", "running", "exited"]);
  });

  it("takes a job whose attempts were deleted for missing, not for one that nobody has started", async () => {
    const own = join(site.directory("job"), ".switchyard");
    mkdirSync(own, { recursive: true });
    const cursors = [{ attempt: 1, file: "events.jsonl", offset: 10 }];
    expect((await site.look("job", cursors)).standing).toEqual({ phase: "missing" });
    writeFileSync(join(own, "job.json"), JSON.stringify({ firstAttempt: 1 }));
    expect((await site.look("job", cursors)).observation).toMatchObject({ phase: "missing", grown: [] });
    // What came home is of an earlier job of the same run: this one has not begun yet.
    writeFileSync(join(own, "job.json"), JSON.stringify({ firstAttempt: 2 }));
    expect((await site.look("job", cursors)).standing).toEqual({ phase: "unclaimed" });
  });

  it("takes a pid of an earlier boot, or of a process that began at another time, for dead", async () => {
    const pids = {
      boot: `${process.pid} 1 ${process.pid} 1 ${process.pid} 1 an-earlier-boot`,
      start: `${process.pid} 1 ${process.pid} 1 ${process.pid} 1 -`,
    };
    for (const [jobId, text] of Object.entries(pids)) {
      site.write(jobId, "pids", text);
      expect((await site.look(jobId)).standing).toMatchObject({ phase: "abandoned", started: true });
    }
  });

  it("goes by the last attempt and brings what earlier ones left, up to their final sizes", async () => {
    site.write("job", LOG, "first, and more that came after the end", 1);
    site.ends("job", { [LOG]: 5, "events.jsonl": -1 }, 1);
    site.write("job", "events.jsonl", "{}\n", 1);
    site.write("job", LOG, "second", 2);
    site.runs("job", 2);
    const look = await site.look("job");
    expect(look.observation).toMatchObject({ phase: "running", attempt: 2 });
    expect(filesOf(look)).toEqual([`1/${LOG}`, "1/events.jsonl", `2/${LOG}`]);
    const first = look.observation?.grown.find((growth) => growth.attempt === 1 && growth.file === LOG);
    expect(Buffer.from(first?.bytes ?? []).toString()).toBe("first");
    const taken =
      look.observation?.grown.map(({ attempt, file, offset, bytes }) => ({ attempt, file, offset: offset + bytes.length })) ?? [];
    expect((await site.look("job", taken)).observation?.grown).toEqual([]);
  });

  it("orders attempts by number, not by letter", async () => {
    for (const number of [2, 9, 10]) site.runs("job", number);
    expect((await site.look("job")).observation).toMatchObject({ attempt: 10 });
  });

  it("names growing files only: no links, pipes, folders or files of other kinds", async () => {
    site.runs("job");
    for (const file of [LOG, "logs/deep/a.txt", "journal/w.jsonl"]) site.write("job", file, "text\n");
    site.write("job", "journal/notes.txt", "not a journal");
    site.write("job", "sampling/x", "not for people");
    symlinkSync("/etc/hostname", join(site.attempt("job"), "logs/link.txt"));
    symlinkSync("/etc", join(site.attempt("job"), "logs/etc"));
    execFileSync("mkfifo", [join(site.attempt("job"), "logs/pipe")]);
    expect(filesOf(await site.look("job"))).toEqual([`1/${LOG}`, "1/journal/w.jsonl", "1/logs/deep/a.txt"]);
  });

  it("looks through no watched folder that is a link", async () => {
    site.runs("job");
    symlinkSync("/etc", join(site.attempt("job"), "logs"));
    expect(filesOf(await site.look("job"))).toEqual([]);
  });

  it("brings nothing of a file that shrank, until it has grown beyond the cursor again", async () => {
    site.runs("job");
    site.write("job", LOG, "123");
    const cursors = [{ attempt: 1, file: LOG, offset: 5 }];
    expect(filesOf(await site.look("job", cursors))).toEqual([]);
    site.write("job", LOG, "1234567");
    expect((await site.look("job", cursors)).observation?.grown).toMatchObject([{ offset: 5, bytes: new TextEncoder().encode("67") }]);
  });

  it("calls a job whose end is damaged exited with an unknown outcome", async () => {
    site.runs("job");
    site.write("job", "ended.json", "{ torn");
    expect((await site.look("job")).observation).toMatchObject({ phase: "exited", exitCode: null, because: "unknown" });
  });

  it("does not let a job whose directory cannot be read hide the others", async () => {
    site.runs("good");
    writeFileSync(site.directory("bad"), "a file where a directory should be");
    const looks = await site.lookAll(["bad", "good"].map((jobId) => ({ jobId, cursors: [] })));
    expect(looks.map((look) => look.observation.phase)).toEqual(["waiting", "running"]);
    expect(looks[0]?.observation).toMatchObject({ because: expect.stringContaining("cannot be read") });
  });

  it("costs little for 2,000 quiet jobs and lets others have their turn", { timeout: 60_000 }, async () => {
    const jobs = Array.from({ length: 2000 }, (_, index) => `job-${index}`);
    for (const jobId of jobs) {
      site.runs(jobId);
      site.write(jobId, LOG, "text\n");
    }
    const watched = jobs.map((jobId) => ({ jobId, cursors: [{ attempt: 1, file: LOG, offset: 5 }] }));
    await site.lookAll(watched);
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    const before = process.cpuUsage();
    await site.lookAll(watched);
    const { user, system } = process.cpuUsage(before);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    // The aim is 100 ms; a busy machine is given time.
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});

describe("a folder that is read again only when it changed", () => {
  it("gives the same listing while it is unchanged for long enough", () => {
    const folder = join(site.root, "folder");
    mkdirSync(folder);
    writeFileSync(join(folder, "a"), "");
    const later = new FolderCache(() => Date.now() + 10_000);
    expect(later.list(folder)).toBe(later.list(folder));
    const now = new FolderCache(() => statSync(folder).ctimeMs);
    expect(now.list(folder)).not.toBe(now.list(folder));
  });

  it("notices what came and went, even when somebody set the time back", () => {
    const folder = join(site.root, "folder");
    mkdirSync(folder);
    writeFileSync(join(folder, "a"), "");
    const cache = new FolderCache(() => Date.now() + 10_000);
    expect(cache.list(folder)?.files).toEqual(["a"]);
    unlinkSync(join(folder, "a"));
    writeFileSync(join(folder, "b"), "");
    utimesSync(folder, 1, 1);
    expect(cache.list(folder)?.files).toEqual(["b"]);
    rmSync(folder, { recursive: true });
    expect(cache.list(folder)).toBeUndefined();
  });
});
