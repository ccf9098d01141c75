import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BadRequest, Conflict, NotFound } from "@switchyard/protocol/errors";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FileHasher } from "./hashFiles.ts";
import { type SnapshotScan, scanFolder } from "./scanFolder.ts";
import { Turns } from "./turns.ts";

describe("scanFolder", () => {
  let place: string;
  let folder: string;
  let home: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "scan-"));
    folder = join(place, "project");
    home = join(place, "home");
    mkdirSync(folder);
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  const write = (path: string, text = path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const scan = (options = {}) => scanFolder(folder, { home, ...options });
  const refusal = async () => {
    const error = await scan().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(BadRequest);
    return error.message as string;
  };

  it("names everything by its SHA-256, with modes, empty folders and links", async () => {
    write("train.py", "print(1)\n");
    write("src/run.sh", "#!/bin/sh\n");
    chmodSync(join(folder, "src/run.sh"), 0o750);
    mkdirSync(join(folder, "data/empty"), { recursive: true });
    chmodSync(join(folder, "data"), 0o700);
    symlinkSync("../train.py", join(folder, "src/link"));
    symlinkSync("nowhere", join(folder, "dangling"));
    const found = await scan();
    expect(flat(found)).toEqual({
      dangling: "-> nowhere",
      "data/": 0o700,
      "data/empty/": 0o755,
      "src/": 0o755,
      "src/link": "-> ../train.py",
      "src/run.sh": [0o750, sha256("#!/bin/sh\n")],
      "train.py": [0o644, sha256("print(1)\n")],
    });
    expect(found).toMatchObject({ files: 2, bytes: 19, warnings: [], excluded: [] });
    expect(found.root).toBe(sha256(found.trees.get(found.root)!.text));
  });

  it("scans an empty folder", async () => {
    expect(await scan()).toMatchObject({ files: 0, bytes: 0, root: sha256('{"version":1,"entries":[]}') });
  });

  it("reads files of every size", async () => {
    const sizes = [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000];
    for (const size of sizes) write(`f${size}`, "x".repeat(size));
    const found = await scan();
    for (const { path, size, sha256: sum } of found.entries) expect([path, sum]).toEqual([`f${size}`, sha256("x".repeat(size))]);
  });

  describe("ignore files", () => {
    it("follows the pattern language of .gitignore", async () => {
      write(".gitignore", "# comment\n\n*.log\n!keep.log\n/only-root\nbuild/\ndoc/**/*.pdf\na?c\n[xy].txt\n\\#odd\n");
      for (const path of [
        "a.log",
        "sub/b.log",
        "keep.log",
        "only-root",
        "sub/only-root",
        "build/x",
        "sub/build/y",
        "src/build.py",
        "doc/a/b.pdf",
      ])
        write(path);
      for (const path of ["doc/c.pdf", "doc/d.txt", "abc", "abbc", "x.txt", "z.txt", "#odd", "A.LOG"]) write(path);
      const found = await scan();
      expect(found.excluded).toEqual(
        ["#odd", "a.log", "abc", "build/", "doc/a/b.pdf", "doc/c.pdf", "only-root", "sub/b.log", "sub/build/", "x.txt"].sort(),
      );
    });

    it("lets .amlignore replace .gitignore, and only in the root", async () => {
      write(".gitignore", "*.csv\n");
      write(".amlignore", "*.ckpt\n");
      write("sub/.amlignore", "*\n");
      for (const path of ["a.csv", "b.ckpt", "sub/c.txt"]) write(path);
      expect((await scan()).excluded).toEqual(["b.ckpt"]);
    });

    it("cannot bring back a file below an excluded folder", async () => {
      write(".amlignore", "data/\n!data/keep.txt\n");
      write("data/keep.txt");
      expect((await scan()).excluded).toEqual(["data/"]);
    });

    it("does not look into what is excluded", async () => {
      write(".amlignore", "weird/\n");
      mkdirSync(join(folder, "weird"));
      symlinkSync("/etc/passwd", join(folder, "weird/link"));
      expect((await scan()).excluded).toEqual(["weird/"]);
    });

    it("takes patterns of the caller on top", async () => {
      write(".amlignore", "\ufeffa.txt\n");
      for (const path of ["a.txt", "b.txt", "c.txt"]) write(path);
      expect((await scan({ ignore: ["b.txt"] })).excluded).toEqual(["a.txt", "b.txt"]);
    });

    it("leaves a server's home at home", async () => {
      write("train.py");
      write("tools/home/server.db");
      write("tools/homework.txt");
      const { excluded, files } = await scan({ home: join(folder, "tools/home") });
      expect(excluded).toEqual(["tools/home/"]);
      expect(files).toBe(2);
      expect((await scanFolder(folder, { home: null })).files).toBe(3);
    });

    it("names an ignore file that cannot be read", async () => {
      mkdirSync(join(folder, ".amlignore"));
      await expect(scan()).rejects.toThrow(/\.amlignore cannot be read/);
    });
  });

  describe("what cannot travel is named", () => {
    it("links that lead out, by their words or on the disk", async () => {
      mkdirSync(join(folder, "deep/er"), { recursive: true });
      mkdirSync(join(folder, "shallow"));
      symlinkSync("/etc/passwd", join(folder, "absolute"));
      symlinkSync("../../../x", join(folder, "deep/er/up"));
      symlinkSync("..", join(folder, "parent"));
      symlinkSync("../../shallow", join(folder, "deep/er/fine"));
      symlinkSync("deep/er/fine/../..", join(folder, "tricky"));
      const message = await refusal();
      for (const named of ["absolute is a link to /etc/passwd", "deep/er/up is a link", "parent is a link to ..", "tricky is a link"])
        expect(message).toContain(named);
      expect(message).not.toContain("fine is a link");
      expect(message).toContain(".amlignore");
    });

    it("keeps links that go round in circles inside the folder", async () => {
      symlinkSync("b", join(folder, "a"));
      symlinkSync("a", join(folder, "b"));
      symlinkSync(".", join(folder, "self"));
      expect(flat(await scan())).toEqual({ a: "-> b", b: "-> a", self: "-> ." });
    });

    it("sockets and named pipes", async () => {
      expect(spawnSync("mkfifo", [join(folder, "pipe")]).status).toBe(0);
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
      const message = await refusal();
      await new Promise((resolve) => server.close(resolve));
      expect(message).toContain("pipe is a named pipe");
      expect(message).toContain("socket is a socket");
    });

    it("names that are not UTF-8, but not those that contain the replacement character itself", async () => {
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad-`), Buffer.of(0xff, 0xfe)]), "x");
      write("fine-\ufffd", "x");
      const message = await refusal();
      expect(message).toMatch(/bad-.* has a name that is not UTF-8/);
      expect(message).not.toContain("fine");
    });

    it("folders nested too deep", async () => {
      mkdirSync(join(folder, ...Array<string>(255).fill("d")), { recursive: true });
      expect((await scan()).files).toBe(0);
      mkdirSync(join(folder, ...Array<string>(300).fill("d")), { recursive: true });
      expect(await refusal()).toMatch(/d\/d.* lies more than 256 folders deep/);
    });

    it("what may not be read", () => {
      write("secret.txt");
      mkdirSync(join(folder, "closed"));
      chmodSync(join(folder, "secret.txt"), 0);
      chmodSync(join(folder, "closed"), 0);
      const script = `import("${new URL("./scanFolder.ts", import.meta.url)}").then((m) => m.scanFolder(${JSON.stringify(folder)}, { home: null })).catch((e) => console.log(e.message))`;
      chmodSync(place, 0o755);
      const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      const { stdout } = spawnSync(process.execPath, ["-e", script], { ...nobody, encoding: "utf8", timeout: 30_000 });
      expect(stdout).toContain("secret.txt cannot be read: permission denied");
      expect(stdout).toContain("closed cannot be read: permission denied");
    });

    it("a folder that is none", async () => {
      await expect(scanFolder(join(place, "none"), { home })).rejects.toThrow(NotFound);
      write("file");
      await expect(scanFolder(join(folder, "file"), { home })).rejects.toThrow(/not a folder/);
    });

    it("at most twenty by name, then how many more", async () => {
      for (let i = 0; i < 30; i++) symlinkSync("/", join(folder, `l${i}`));
      expect(await refusal()).toContain("and 10 more");
    });
  });

  describe("warnings", () => {
    it("tell of virtual environments and .git", async () => {
      write("env/pyvenv.cfg");
      write("env/lib/x.py");
      write("tools/.git/HEAD");
      const { warnings } = await scan();
      expect(warnings).toHaveLength(2);
      expect(warnings[0]).toMatch(/^env\/ is a virtual environment \(2 files/);
      expect(warnings[1]).toMatch(/^tools\/\.git\/ .*about to travel/);
    });

    it("tell of the biggest entries when much is about to travel", async () => {
      write("big/a.bin", "x".repeat(500_000));
      for (let i = 0; i < 6; i++) write(`f${i}`, "x".repeat(100 + i));
      const { warnings } = await scan({ warnBytes: 400_000 });
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/7 files, 0\.5 MB.*The biggest: big\/ 0\.5 MB, f5/);
      expect(warnings[0]).not.toContain("f1 ");
    });
  });

  it("looks again when a file changes while it is read, and names one that keeps changing", async () => {
    write("train.py");
    write("growing.log");
    const { root } = await scan();
    const original = FileHasher.prototype.hash;
    let changes = 3;
    const hash = vi.spyOn(FileHasher.prototype, "hash").mockImplementation(async function (this: FileHasher, file) {
      return file.path === "growing.log" && changes-- > 0 ? { changed: true } : original.call(this, file);
    });
    try {
      expect((await scan()).root).toBe(root);
      changes = Number.POSITIVE_INFINITY;
      const error = await scan().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(Conflict);
      expect(error.message).toMatch(/growing\.log .* keeps changing/);
    } finally {
      hash.mockRestore();
    }
  });

  it("sees that a file is not the one that the walk met", async () => {
    write("a.txt", "one");
    const [entry] = (await scan()).entries;
    const found = { name: "a.txt", path: "a.txt", mode: 0o644, size: 3, signature: entry!.signature, changedNs: 0n };
    const hasher = new FileHasher(folder, new Turns());
    expect(await hasher.hash(found)).toEqual({ sha256: sha256("one") });
    appendFileSync(join(folder, "a.txt"), "more");
    expect(await hasher.hash(found)).toEqual({ changed: true });
    rmSync(join(folder, "a.txt"));
    expect(await hasher.hash(found)).toEqual({ changed: true });
    symlinkSync("/etc/passwd", join(folder, "a.txt"));
    expect(await hasher.hash(found)).toEqual({ changed: true });
    rmSync(join(folder, "a.txt"));
    mkdirSync(join(folder, "a.txt"));
    expect(await hasher.hash(found)).toEqual({ changed: true });
  });

  it("gives the same root for the same content, and an edit changes only the folders above it", async () => {
    const name = fc.constantFrom("a", "b", "c", "Ü", "z.txt");
    const files = fc.uniqueArray(fc.record({ path: fc.array(name, { minLength: 1, maxLength: 4 }), text: fc.string() }), {
      minLength: 1,
      maxLength: 12,
      selector: ({ path }) => path.join("/"),
    });
    await fc.assert(
      fc.asyncProperty(files, fc.nat(), async (wanted, pick) => {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
        const written = wanted.filter(({ path, text }) => tryWrite(join(folder, ...path), text));
        const before = await scan();
        expect((await scanFolder(folder, { home: null })).root).toBe(before.root);
        const edited = written[pick % written.length]!.path;
        writeFileSync(join(folder, ...edited), `${written[pick % written.length]!.text} edited`);
        const after = await scan();
        const [was, is] = [folderSums(before), folderSums(after)];
        const changed = [...is.keys()].filter((path) => was.get(path) !== is.get(path)).sort();
        expect(changed).toEqual(
          edited
            .map((_, depth) =>
              edited
                .slice(0, depth)
                .map((part) => `${part}/`)
                .join(""),
            )
            .sort(),
        );
      }),
      { numRuns: 25 },
    );
  });
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function tryWrite(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return true;
  } catch {
    return false; // a file is where a folder should be
  }
}

/** SHA-256 of every folder by its path. */
function folderSums({ trees, root }: SnapshotScan, sum = root, path = "", sums = new Map<string, string>()): Map<string, string> {
  sums.set(path, sum);
  for (const entry of trees.get(sum)!.entries)
    if (entry.kind === "folder") folderSums({ trees, root } as SnapshotScan, entry.sha256, `${path}${entry.name}/`, sums);
  return sums;
}

/** Everything in a scan by its path: the mode of a folder, mode and hash of a file, the target of a link. */
function flat({ trees, root }: SnapshotScan, sum = root, path = ""): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const entry of trees.get(sum)!.entries) {
    if (entry.kind === "link") all[path + entry.name] = `-> ${entry.target}`;
    else if (entry.kind === "file") all[path + entry.name] = [entry.mode, entry.sha256];
    else
      Object.assign(
        all,
        { [`${path}${entry.name}/`]: entry.mode },
        flat({ trees, root } as SnapshotScan, entry.sha256, `${path}${entry.name}/`),
      );
  }
  return all;
}
