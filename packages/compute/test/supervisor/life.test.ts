import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, isAlive, kill, processesOf, SHELLS, TestSite } from "./harness.ts";

const DRIVER_LOG = "azureml-logs/80_driver_log.txt";
const CONTROL_LOG = "azureml-logs/60_control_log.txt";
/** A shell script as the job's command. */
const sh = (text: string, ...words: string[]) => ({ kind: "command" as const, argv: ["sh", "-c", text, "script", ...words] });
const python = (script: string, ...words: string[]) => ({ kind: "python" as const, script, arguments: words });

for (const shell of SHELLS) {
  describe(`a job's life under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());

    it("runs a Python script and tells its end", async () => {
      const job = site.place("ok", {
        command: python("train.py", "--epochs", "5"),
        code: { "train.py": "import sys, os; print(sys.argv[1:], os.getcwd())" },
      });
      const ended = await job.run();
      expect(ended).toMatchObject({ exitCode: 0, signal: null, because: null });
      expect(ended.seconds).toBeGreaterThanOrEqual(0);
      expect(ended.cpuSeconds).toBeGreaterThanOrEqual(0);
      expect(job.kinds()).toEqual(["claimed", "environment", "started", "ended"]);
      expect(job.read(DRIVER_LOG)).toBe(`['--epochs', '5'] ${job.folder}/code\n`);
      await eventually("the bell rang", () => readFileSync(join(site.root, "bells/ok"), "utf8") === "1 ended\n");
    });

    it("lists the final size of every file that grows", async () => {
      const job = site.place("sizes", {
        command: sh(
          `echo one >logs/a.txt; mkdir -p 'logs/b c'; printf é >'logs/b c/"q".txt'; echo '{}' >"$SWITCHYARD_JOURNAL_DIR/1.jsonl"; echo out`,
        ),
      });
      const { files } = await job.run();
      expect(files).toEqual({
        "events.jsonl": -1,
        "journal/1.jsonl": 3,
        "logs/a.txt": 4,
        'logs/b c/"q".txt': 2,
        [DRIVER_LOG]: 4,
        [CONTROL_LOG]: lstatSync(join(job.attempt(), CONTROL_LOG)).size,
      });
    });

    it("keeps the script's exit code", async () => {
      expect(await site.place("seven", { command: sh("exit 7") }).run()).toMatchObject({ exitCode: 7, signal: null, because: null });
      expect(await site.place("most", { command: sh("exit 255") }).run()).toMatchObject({ exitCode: 255, signal: null });
    });

    it("names the signal that ended the script", async () => {
      expect(await site.place("signal", { command: sh("kill -s SEGV $$") }).run()).toMatchObject({
        exitCode: null,
        signal: "SEGV",
        because: null,
      });
    });

    it("passes any text as an argument and as a variable", async () => {
      const words = ["a b", "it's", 'say "hi"', "two\nlines\n", "", "$HOME `id` \\ *", "päivää 日本 🚂", "-n", "a=b"];
      const job = site.place("words", {
        command: python("show.py", ...words),
        code: {
          "show.py": "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['TEXT'], os.environ['UID'], os.environ['TOKEN']]))",
        },
        variables: { TEXT: words.join("|"), UID: "77", PYTHONPATH: "/extra", PYTHONUTF8: "1" },
        secrets: { TOKEN: "sy_'secret'\n" },
      });
      await job.run();
      expect(JSON.parse(job.read(DRIVER_LOG))).toEqual([words, words.join("|"), "77", "sy_'secret'\n"]);
    });

    it("gives the script its folders, variables and signals", async () => {
      const text = `import json, os, signal, sys
print(json.dumps(dict({k: v for k, v in os.environ.items() if k.startswith(("SWITCHYARD_", "PYTHON", "AZUREML_"))},
  links=[os.path.realpath(name) for name in ("outputs", "checkpoints", "logs")],
  interrupt=signal.getsignal(signal.SIGINT) is signal.default_int_handler,
  leads=os.getsid(0) == os.getpid(), stdin=sys.stdin.read())))`;
      const job = site.place("folders", { command: python("show.py"), code: { "show.py": text }, variables: { PYTHONPATH: "/extra" } });
      await job.run();
      const seen = JSON.parse(job.read(DRIVER_LOG));
      expect(seen).toMatchObject({
        AZUREML_SCRIPT_DIRECTORY_NAME: join(job.folder, "code"),
        SWITCHYARD_JOB_DIR: job.folder,
        SWITCHYARD_ATTEMPT: "1",
        SWITCHYARD_JOURNAL_DIR: join(job.attempt(), "journal"),
        PYTHONPATH: `${job.folder}/.switchyard/python:/extra`,
        PYTHONUNBUFFERED: "1",
        links: [join(job.folder, "outputs"), join(job.folder, "checkpoints"), join(job.attempt(), "logs")],
        leads: true,
        stdin: "",
      });
      // without `setsid -f` or perl a background process has it ignored
      if (shell !== "busybox") expect(seen.interrupt).toBe(true);
    });

    it("moves what the snapshot brought to where it comes home from", async () => {
      const job = site.place("brought", {
        command: sh("ls -A outputs logs; echo more >>outputs/.hidden"),
        code: { "outputs/.hidden": "a\n", "outputs/deep/model": "m", "logs/old.txt": "l", checkpoints: "a file" },
      });
      const ended = await job.run();
      expect(ended.exitCode).toBe(0);
      expect(readFileSync(join(job.folder, "outputs/.hidden"), "utf8")).toBe("a\nmore\n");
      expect(readFileSync(join(job.folder, "outputs/deep/model"), "utf8")).toBe("m");
      expect(ended.files).toMatchObject({ "logs/old.txt": 1 });
      expect(readFileSync(join(job.folder, "code/checkpoints"), "utf8")).toBe("a file");
      expect(job.read(CONTROL_LOG)).toContain('"checkpoints" is a file in the snapshot');
    });

    it("watches nested folders and refuses folders outside", async () => {
      const job = site.place("nested", {
        command: sh("echo a >logs/deep/a; echo b >other/place/b"),
        watch: ["logs", "logs/deep", "other/place", "../../escape", "/tmp/escape", "journal"],
      });
      const ended = await job.run();
      expect(ended).toMatchObject({ exitCode: 0, files: { "logs/deep/a": 2, "other/place/b": 2 } });
      expect(existsSync(join(job.folder, "../escape"))).toBe(false);
      expect(job.read(CONTROL_LOG)).toContain('"../../escape" cannot be a collected or watched folder');
    });

    it("starts the script once however often it is launched", async () => {
      const job = site.place("once", { command: sh("echo ran") });
      await Promise.all(Array.from({ length: 6 }, () => job.launch()));
      await job.ended();
      await job.launch();
      await eventually("every supervisor left", () => processesOf(job.folder).length === 0);
      expect(job.read(DRIVER_LOG)).toBe("ran\n");
      expect(readdirSync(join(job.folder, ".switchyard/attempts"))).toEqual(["1"]);
    });

    it("claims the next attempt when a scheduler starts the job again", async () => {
      const job = site.place("again", { command: sh('echo "$SWITCHYARD_ATTEMPT" | tee logs/n >>outputs/all') });
      await job.run();
      await site.supervise("run", job.folder, "2");
      expect(await job.ended(2)).toMatchObject({ exitCode: 0, files: { "logs/n": 2 } });
      expect(job.read("logs/n", 1) + job.read("logs/n", 2)).toBe("1\n2\n");
      expect(readFileSync(join(job.folder, "outputs/all"), "utf8")).toBe("1\n2\n");
    });

    it("ends processes that the script left behind", async () => {
      const job = site.place("left", {
        command: sh(
          "(trap '' TERM; echo alive; sleep 300; sleep 300) & while [ ! -s ../.switchyard/attempts/1/azureml-logs/80_driver_log.txt ]; do sleep 0.01; done; exit 3",
        ),
      });
      expect(await job.run()).toMatchObject({ exitCode: 3, because: null });
      await eventually("nothing is left", () => processesOf(job.folder).length === 0);
    });

    it("names a missing script, in both logs", async () => {
      const job = site.place("script", { command: python("no where.py") });
      expect(await job.run()).toMatchObject({ exitCode: null, signal: null, because: "script_missing" });
      for (const log of [DRIVER_LOG, CONTROL_LOG]) expect(job.read(log)).toContain('The script "no where.py" is not in the snapshot.');
      expect(job.kinds()).not.toContain("started");
    });

    it("names a missing interpreter and the one that is there", async () => {
      const job = site.place("interpreter", {
        command: python("a.py"),
        code: { "a.py": "" },
        environment: { kind: "user", interpreter: "python9" },
      });
      expect(await job.run()).toMatchObject({ exitCode: null, because: "interpreter_missing" });
      for (const log of [DRIVER_LOG, CONTROL_LOG]) {
        expect(job.read(log)).toContain('The Python interpreter "python9" was not found');
        expect(job.read(log)).toMatch(/There is \/.*python3: set interpreterPath to it\./);
      }
    });

    it("takes an interpreter from the snapshot or the job's own PATH, and refuses one that cannot be executed", async () => {
      const tool = { "bin/tool": '#!/bin/sh\necho tool "$1"\n', "plain.txt": "x" };
      const job = site.place("own", {
        command: { kind: "command", argv: ["sh", "-c", "chmod +x bin/tool; exec tool x"] },
        code: tool,
        variables: { PATH: `bin:${process.env.PATH}` },
      });
      await job.run();
      expect(job.read(DRIVER_LOG)).toBe("tool x\n");
      const plain = site.place("plain", { command: { kind: "command", argv: ["./plain.txt"] }, code: tool });
      expect(await plain.run()).toMatchObject({ because: "interpreter_missing" });
    });

    it("leaves quietly when the directory is gone", async () => {
      const job = site.place("gone", { command: sh("echo here; exec sleep 300") });
      await job.launch();
      const { script, supervisor, waiter } = await job.pids();
      await rm(job.folder, { recursive: true, maxRetries: 20, retryDelay: 50 }); // something may just have been written there
      kill(script);
      await eventually("all are gone", () => ![script, supervisor, waiter].some(isAlive));
      expect(existsSync(job.folder)).toBe(false);
    });

    it("does not follow a link that the snapshot put in the way", async () => {
      const job = site.place("link", { command: sh("echo x >outputs/x"), code: { "real/keep": "" } });
      symlinkSync("real", join(job.folder, "code/outputs"));
      expect(await job.run()).toMatchObject({ exitCode: 0 });
      expect(readdirSync(join(job.folder, "outputs"))).toEqual(["x"]);
    });

    it("runs in the foreground when a scheduler wants that, and refuses bad words", async () => {
      const job = site.place("front", { command: sh("echo done") });
      expect(await site.supervise("run", job.folder)).toMatchObject({ code: 0 });
      expect(await job.ended()).toMatchObject({ exitCode: 0 });
      expect(await site.supervise("dance", job.folder)).toMatchObject({ code: 2 });
      expect((await site.supervise("stop", job.folder, "soon", "canceled")).output).toContain("is not a number of seconds");
      expect((await site.supervise("stop", job.folder, "1", "boredom")).output).toContain("is not known: say canceled");
    });
  });
}
