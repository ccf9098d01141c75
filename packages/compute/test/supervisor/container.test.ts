import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CONTROL_LOG,
  type ContainerLab,
  containerSite,
  containersOf,
  DRIVER_LOG,
  inContainer,
  MINUTES_5,
  python,
  shell,
  startContainerLab,
  uniqueName,
} from "./containerLab.ts";
import { eventually, find, isAlive, kill, processesOf, SHELLS, type TestJob, type TestSite } from "./harness.ts";

let lab: ContainerLab;
beforeAll(async () => {
  lab = await startContainerLab();
}, MINUTES_5);

const log = (job: TestJob) => job.read(DRIVER_LOG);

for (const name of SHELLS) {
  describe(`a run in a container under ${name}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = containerSite(lab, name);
    });
    afterEach(() => site.clean());
    const place = (id: string, options: Parameters<TestSite["place"]>[1]) =>
      site.place(uniqueName(id), { ...inContainer(lab), ...options });
    const stop = (job: TestJob, grace: string) => site.supervise("stop", job.folder, grace, "canceled");

    it("has the run's folders, variables, secrets and log as on the machine, and passes the exit code on", async () => {
      const words = ["a b", "it's", ""];
      const script = `import os, sys, getpass, tempfile
print(sys.argv[1:], os.getcwd())
print(os.environ["GREETING"], os.environ["TOKEN"], os.environ["PYTHONPATH"].split(":")[0], getpass.getuser())
open("outputs/model.txt", "w").write("model")
open(os.path.expanduser("~/cache"), "w").write("x")
print(os.path.exists("/.dockerenv"), open("../.switchyard/attempts/1/journal/../../../job.json").read(1), flush=True)
print("to standard error", file=sys.stderr)
sys.exit(37)
`;
      const job = place("all", {
        command: { kind: "python", script: "train.py", arguments: words },
        code: { "train.py": script },
        variables: { GREETING: "two\nlines" },
        secrets: { TOKEN: "s3cret'" },
      });
      const ended = await job.run();
      expect(log(job).split("\n")).toEqual([
        `['a b', "it's", ''] ${join(job.folder, "code")}`,
        "two",
        `lines s3cret' ${join(job.folder, ".switchyard/python")} root`,
        "True {",
        "to standard error",
        "",
      ]);
      expect(ended).toMatchObject({ exitCode: 37, signal: null, because: null });
      expect(ended.seconds).toBeGreaterThan(0);
      expect(job.kinds()).toEqual(["claimed", "environment", "started", "ended"]);
      const model = join(job.folder, "outputs/model.txt");
      expect([readFileSync(model, "utf8"), statSync(model).uid]).toEqual(["model", process.getuid?.()]);
      expect(await containersOf(lab, job)).toEqual([]);
    });

    it("never names a secret or a variable to the engine", async () => {
      const job = place("secret", { ...shell("echo $$; exec sleep 60"), secrets: { TOKEN: "hush-4711" }, variables: { A: "hush-4712" } });
      await job.launch();
      await eventually("the script runs", () => log(job) !== "");
      const [container = ""] = await containersOf(lab, job);
      expect(container).toBe(`switchyard-${job.job.jobId}-1`);
      expect(await lab.docker.run("inspect", container)).not.toContain("hush");
      await stop(job, "0");
      await job.ended();
    });

    it("shows the log while the script runs, and ends it gracefully with all that it started", async () => {
      const script = `(trap 'echo child asked; exit' TERM; echo child is ready; while :; do sleep 0.05; done) & child=$!
        trap 'echo asked; wait $child; exit 5' TERM
        echo parent is ready; while :; do wait; done`;
      const job = place("graceful", shell(script));
      await job.launch();
      await eventually("the first lines", () => log(job).includes("child is") && log(job).includes("parent is"));
      await stop(job, "20");
      expect(await job.ended()).toMatchObject({ exitCode: 5, because: "canceled" });
      expect(log(job)).toContain("child asked");
      expect(await containersOf(lab, job)).toEqual([]);
      await eventually("no process is left", () => processesOf(job.folder).length === 0);
    });

    it("kills a stubborn script when its time is over", async () => {
      // the clock of this test is a file: a container may need longer to begin than any short limit
      const sleep = find("sleep");
      site.addTool("sleep", `#!/bin/sh\n[ "$1" = 987 ] || exec ${sleep} "$1"\nuntil [ -e '${site.root}/time' ]; do ${sleep} 0.02; done\n`);
      const job = place("limit", {
        ...shell(`trap '' TERM; echo ready; while :; do sleep 0.1; done`),
        limits: { maxSeconds: 987, graceSeconds: 1 },
      });
      await job.launch();
      await eventually("the script is ready", () => log(job).includes("ready"));
      site.touch(join(site.root, "time"));
      expect(await job.ended()).toMatchObject({ because: "time_limit", exitCode: null, signal: "KILL" });
      expect(await containersOf(lab, job)).toEqual([]);
    });

    it("goes on when the engine's client is killed", async () => {
      const job = place("client", shell("until [ -e go ]; do sleep 0.05; done; echo went; exit 9"));
      await job.launch();
      const client = await eventually("the client waits", () => waiterOf(job));
      kill(client);
      await eventually("another client waits", () => {
        const now = waiterOf(job);
        return now !== null && now !== client;
      });
      site.touch(join(job.folder, "code/go"));
      expect(await job.ended()).toMatchObject({ exitCode: 9, because: null });
      expect(log(job)).toBe("went\n");
    });

    it("learns the exit code from the engine when everybody else was killed", async () => {
      const job = place("alone", shell("until [ -e go ]; do sleep 0.05; done; exit 9"));
      await job.launch();
      const { supervisor, waiter, script } = await job.pids();
      await eventually("the client waits", () => waiterOf(job));
      kill(supervisor, waiter, script);
      await eventually("they are gone", () => ![supervisor, waiter, script].some(isAlive));
      expect((await site.supervise("finish", job.folder, "1")).code).toBe(3);
      site.touch(join(job.folder, "code/go"));
      const container = `switchyard-${job.job.jobId}-1`;
      expect(await lab.docker.run("wait", container)).toBe("9");
      expect((await site.supervise("finish", job.folder, "1")).code).toBe(0);
      expect(await job.ended()).toMatchObject({ exitCode: 9, because: null });
      expect(await containersOf(lab, job)).toEqual([]);
    });

    it("can be stopped when nobody watches any more", async () => {
      const job = place("orphan", shell("echo ready; exec sleep 600"));
      await job.launch();
      const { supervisor, waiter, script } = await job.pids();
      await eventually("it runs", () => log(job).includes("ready"));
      kill(supervisor, waiter, script);
      await stop(job, "1");
      expect(await job.ended()).toMatchObject({ because: "canceled" });
      expect(await containersOf(lab, job)).toEqual([]);
    });

    it("keeps the exit code when the waiter alone was killed", async () => {
      const job = place("waiter", shell("until [ -e go ]; do sleep 0.05; done; exit 4"));
      await job.launch();
      const { waiter } = await job.pids();
      await eventually("the client waits", () => waiterOf(job));
      kill(waiter);
      site.touch(join(job.folder, "code/go"));
      expect(await job.ended()).toMatchObject({ exitCode: 4, because: null });
    });

    it("ends a run that was canceled before its container began", async () => {
      const job = place("early", shell("echo ran"));
      await stop(job, "0");
      expect(await job.ended()).toMatchObject({ because: "canceled" });
      await job.launch();
      expect(log(job)).toBe("");
      expect(await containersOf(lab, job)).toEqual([]);
    });

    it("explains memory that ran out", async () => {
      const script = "chunks = []\nwhile True: chunks.append(bytearray(8 << 20))\n";
      const job = place("memory", { ...python(script), ...inContainer(lab, { arguments: ["--memory", "48m"] }) });
      expect(await job.run()).toMatchObject({ because: "out_of_memory" });
      expect(log(job)).toMatch(/Switchyard: The container ran out of its memory.*--memory/);
    });

    it("tells a container that somebody killed by its signal, and one that somebody removed", async () => {
      const jobs = ["kill", "rm"].map((id) => place(id, shell("echo ready; exec sleep 600")));
      for (const job of jobs) await job.launch();
      for (const job of jobs) await eventually("it runs", () => log(job).includes("ready"));
      const [killed, removed] = jobs as [TestJob, TestJob];
      await lab.docker.run("kill", `switchyard-${killed.job.jobId}-1`);
      await lab.docker.run("rm", "--force", `switchyard-${removed.job.jobId}-1`);
      expect(await killed.ended()).toMatchObject({ signal: "KILL", because: null });
      expect(await removed.ended()).toMatchObject({ signal: "KILL", because: null });
    });

    it("finds a server on this machine's loopback, and a larger shared memory", async () => {
      const server = createServer((_request, response) => response.end("hello from home")).listen(0, "127.0.0.1");
      await eventually("the server listens", () => server.listening);
      const { port } = server.address() as { port: number };
      const script = `import os, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:${port}").read().decode())
stat = os.statvfs("/dev/shm"); print(stat.f_blocks * stat.f_frsize >> 20)
`;
      const job = place("loopback", { ...python(script), ...inContainer(lab, { shmSize: "96m", gpu: "wanted" }) });
      await job.run();
      server.close();
      expect(log(job)).toBe("hello from home\n96\n");
      expect(job.read(CONTROL_LOG)).toMatch(/A GPU was asked for .* The run goes on without/);
    });
  });
}

it("measures what a container uses, by its own processes", async () => {
  const site = containerSite(lab, "dash");
  site.variables.SWITCHYARD_SAMPLE_SECONDS = "0.05";
  const script = "data = bytearray(50_000_000)\nwhile True: sum(range(10_000))\n";
  const job = site.place(uniqueName("use"), { ...python(script), ...inContainer(lab), sampler: true });
  await job.launch();
  const lines = () => job.read("journal/_host.jsonl").split("\n").slice(0, -1);
  const uses = () => lines().map((line) => JSON.parse(line) as { cpu: number | null; memory: number | null });
  await eventually("samples of its work", () => uses().some(({ cpu, memory }) => (cpu ?? 0) > 0.01 && (memory ?? 0) > 50_000_000));
  await eventually("its peak", () => job.read("peak") !== "");
  await site.supervise("stop", job.folder, "0", "canceled");
  expect((await job.ended()).peakMemoryBytes).toBeGreaterThan(50_000_000);
  await site.clean();
});

/** The client that waits for a job's container. */
function waiterOf(job: TestJob): number | null {
  const name = `switchyard-${job.job.jobId}-1`;
  const isClient = (pid: string) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.includes("wait") && words.includes(name) && isAlive(Number(pid));
    } catch {
      return false;
    }
  };
  return Number(readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && isClient(pid)) ?? 0) || null;
}
