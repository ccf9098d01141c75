import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DockerLab } from "./engine.ts";

const NAME = "switchyard-test/busybox:1";

/** Copies busybox and the libraries it needs, and links each of its programs to it. */
const FILL = `set -e
program=$(command -v busybox)
mkdir -p bin tmp
cp "$program" bin/busybox
for library in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*'); do mkdir -p ".\${library%/*}" && cp -L "$library" ".$library"; done
for name in $("$program" --list); do [ -e "bin/$name" ] || ln -s busybox "bin/$name"; done
tar -cf - . | "$0" import - "$1" >/dev/null`;

/** An image of three megabytes: this machine's busybox, no Python. Made in a moment, so for whatever travels. */
export async function busyboxImage(docker: DockerLab): Promise<string> {
  if ((await docker.run("image", "ls", "--quiet", NAME)) !== "") return NAME;
  const folder = mkdtempSync(join(tmpdir(), "switchyard-busybox-"));
  try {
    execFileSync("sh", ["-c", FILL, docker.cli, NAME], { cwd: folder, env: { ...process.env, ...docker.env } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return NAME;
}
