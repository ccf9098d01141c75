// Containers for scripts of people who do not trust each other: what they can do, and what they cannot.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CONTROL_LOG,
  type ContainerLab,
  containerSite,
  DRIVER_LOG,
  inContainer,
  MINUTES_5,
  python,
  shell,
  startContainerLab,
  uniqueName,
} from "./containerLab.ts";
import { SHELLS, type TestJob, type TestSite } from "./harness.ts";
import { rankLog, ranks } from "./rankJobs.ts";

const SECRET = "the-secret-of-somebody-else";
let lab: ContainerLab;
let elsewhere: string;
beforeAll(async () => {
  lab = await startContainerLab();
  elsewhere = mkdtempSync(join(tmpdir(), "switchyard-elsewhere-"));
}, MINUTES_5);
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const log = (job: TestJob) => job.read(DRIVER_LOG);

for (const name of SHELLS) {
  describe(`an isolated container under ${name}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = containerSite(lab, name);
      writeFileSync(join(elsewhere, "secret"), `${SECRET}\n`);
    });
    afterEach(() => site.clean());
    const place = (id: string, options: Parameters<TestSite["place"]>[1]) =>
      site.place(uniqueName(id), { ...inContainer(lab, { isolated: true }), ...options });

    it("gives a script all that is its own", async () => {
      const script = `import os, sys
os.mkdir("../uploads/handed")
for path in (
    "outputs/model.txt", "logs/more.txt", "checkpoints/at-1", "scratch.txt", "../uploads/handed/over.txt",
    os.path.expanduser("~/cache"), os.environ["SWITCHYARD_JOURNAL_DIR"] + "/writer.jsonl",
):
    open(path, "w").write("x")
print("driver log", flush=True)
sys.exit(7)
`;
      const job = place("own", { ...python(script), watch: ["logs"] });
      const ended = await job.run();
      expect(ended).toMatchObject({ exitCode: 7, because: null });
      expect(log(job)).toBe("driver log\n");
      for (const file of ["outputs/model.txt", "checkpoints/at-1", "uploads/handed/over.txt"]) {
        expect(readFileSync(join(job.folder, file), "utf8"), file).toBe("x");
      }
      for (const file of ["logs/more.txt", "journal/writer.jsonl"]) expect(job.read(file), file).toBe("x");
    });

    it("starts the ranks of a distributed run, each with its log", async () => {
      const job = place("ranks", ranks({ ...shell('echo "rank $SWITCHYARD_RANK"'), nodes: 2 }));
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      expect([0, 1].map((rank) => job.read(rankLog(rank)))).toEqual(["rank 0\n", "rank 1\n"]);
    });

    it("writes nothing that the supervisor reads or writes, and has no privilege", async () => {
      const job = place("walls", {
        ...shell(`a=../.switchyard/attempts/1
for file in ../.switchyard/job.json ../.switchyard/supervise $a/events.jsonl $a/pids $a/stop $a/exit $a/${CONTROL_LOG} $a/new ../new; do
  { echo x >>"$file"; } 2>/dev/null && echo "wrote $file"
done
{ rm -f $a/${DRIVER_LOG} || mv $a/azureml-logs elsewhere || mv $a/journal elsewhere; } 2>/dev/null && echo moved
grep -e ^CapEff: -e ^NoNewPrivs: /proc/self/status
ls ${elsewhere} 2>/dev/null
echo done`),
      });
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      expect(log(job)).toBe("CapEff:\t0000000000000000\nNoNewPrivs:\t1\ndone\n");
    });

    it("cannot make the supervisor read what is not the script's", async () => {
      const planted = ["../.switchyard/attempts/1/inside/refused", "../.switchyard/attempts/1/ranks/failed"];
      const links = `for link in ${planted.join(" ")}; do ln -sf ${elsewhere}/secret $link && echo planted; done; exit 3`;
      const plant = shell(`if [ $RANK = 0 ]; then ${links}; else exec sleep 100; fi`);
      const job = place("links", ranks({ ...plant, nodes: 2 }));
      expect(await job.run()).toMatchObject({ exitCode: expect.anything() });
      expect(job.read(rankLog(0))).toContain("planted\nplanted\n");
      for (const file of [CONTROL_LOG, "events.jsonl", "ended.json", rankLog(0), rankLog(1)]) {
        expect(job.read(file), file).not.toContain(SECRET);
      }
    });
  });
}
