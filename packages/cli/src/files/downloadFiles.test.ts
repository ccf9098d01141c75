import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-download-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function serverWith(files: Record<string, string>, changes: Record<string, Record<string, unknown>> = {}) {
  return {
    listRunFiles: async ({ query }: { query: { prefix: string } }) =>
      Object.entries(files)
        .filter(([path]) => path.startsWith(query.prefix))
        .map(([path, text]) => ({ path, size: text.length, modifiedUtc: "", sha256: sha256(text), ...changes[path] })),
    readRunFile: async ({ params }: { params: { path: string } }) => new Response(files[params.path]),
  };
}

describe("run download", () => {
  it("writes every file below a folder named after the run", async () => {
    const api = serverWith({ "outputs/a/model.bin": "bytes", "azureml-logs/80_driver_log.txt": "hello", "outputs/empty": "" });
    const { code, stdout } = await runCli(["run", "download", "-r", "R"], { api, cwd: folder });
    expect(code).toBe(0);
    expect(await readFile(join(folder, "R/outputs/a/model.bin"), "utf8")).toBe("bytes");
    expect(await readFile(join(folder, "R/outputs/empty"), "utf8")).toBe("");
    expect(JSON.parse(stdout)).toHaveLength(3);
  });

  it("brings logs only with download-logs", async () => {
    const api = serverWith({
      "outputs/model.bin": "bytes",
      "azureml-logs/80_driver_log.txt": "hello",
      "attempts/1/azureml-logs/80_driver_log.txt": "x",
    });
    await runCli(["run", "download-logs", "-r", "R", "-d", "logs"], { api, cwd: folder });
    expect((await readdir(join(folder, "logs"))).sort()).toEqual(["attempts", "azureml-logs"]);
  });

  it("keeps what is there already, and refuses to replace what differs unless told", async () => {
    const api = serverWith({ same: "same", other: "new" });
    await writeFile(join(folder, "same"), "same");
    await writeFile(join(folder, "other"), "old");
    const refused = await runCli(["run", "download", "-r", "R", "-d", "."], { api, cwd: folder });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("--overwrite");
    expect(await readFile(join(folder, "other"), "utf8")).toBe("old");
    const options = { api, cwd: folder, terminal: true };
    const replaced = await runCli(["run", "download", "-r", "R", "-d", ".", "--overwrite"], options);
    expect(replaced.stdout).toContain("Wrote 1 file (3 B)");
    expect(replaced.stdout).toContain("1 file was there already");
    expect(await readFile(join(folder, "other"), "utf8")).toBe("new");
  });

  it("compares the bytes of a log, whose hash nobody announces", async () => {
    const logs = { same: "hello", other: "world", longer: "hello again" };
    const unknown = { sha256: null };
    const api = serverWith(logs, { same: unknown, other: unknown, longer: unknown });
    const download = (...more: string[]) => runCli(["run", "download", "-r", "R", ...more], { api, cwd: folder, terminal: true });
    await download();
    const again = await download();
    expect([again.code, again.stdout]).toEqual([0, "Wrote 0 files (0 B) to R. 3 files were there already.\n"]);
    for (const path of ["other", "longer"]) {
      await writeFile(join(folder, "R", path), "hello");
      expect((await download()).stderr).toContain(`${path}" exists and differs`);
      await download("--overwrite");
    }
    expect(await readFile(join(folder, "R/other"), "utf8")).toBe("world");
  });

  it.each(["../evil", "/etc/evil", "a/../../evil", ".."])("refuses the path %s and writes nothing", async (path) => {
    const { code, stderr } = await runCli(["run", "download", "-r", "R", "-d", "in"], {
      api: serverWith({ good: "g", [path]: "x" }),
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(stderr).toContain("path_escape");
    expect(await readdir(folder)).toEqual([]);
  });

  it("throws a file away whose bytes are not those announced", async () => {
    const api = serverWith({ a: "bytes" }, { a: { sha256: sha256("others") } });
    const { code, stderr } = await runCli(["run", "download", "-r", "R"], { api, cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain("checksum_mismatch");
    expect(await readdir(join(folder, "R"))).toEqual([]);
  });
});
