import { accessSync, constants, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VENV = fileURLToPath(new URL("../../../../.cache/test-spark", import.meta.url));

/** The Spark of the tests: a virtual environment with pyspark, which brings all of Spark. */
export interface TestSpark {
  /** its Python, which has numpy too */
  readonly python: string;
  /** SPARK_HOME */
  readonly home: string;
}

/** Lets the Java of short tests start with half the work; it says so in a line of its own. */
export const QUICK_JAVA = { JAVA_TOOL_OPTIONS: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" } as const;

/** The Spark that `scripts/test-spark.sh` makes. */
export function testSpark(venv = VENV): TestSpark {
  const python = join(venv, "bin/python");
  if (!existsSync(python)) throw new Error(`There is no ${python}: \`sh scripts/test-spark.sh\` makes it.`);
  const lib = readdirSync(join(venv, "lib")).find((name) => name.startsWith("python3")) ?? "";
  return { python, home: join(venv, "lib", lib, "site-packages/pyspark") };
}

/** The same where every account of this machine can read it; `remove` takes away what that needed. */
export function sparkForEverybody(): TestSpark & { remove(): void } {
  if (isOpen(VENV)) return { ...testSpark(), remove: () => {} };
  const copy = mkdtempSync(join(tmpdir(), "switchyard-spark-"));
  const venv = join(copy, "venv");
  cpSync(VENV, venv, { recursive: true, verbatimSymlinks: true });
  return { ...testSpark(venv), remove: () => rmSync(copy, { recursive: true, force: true }) };
}

/** May others enter every folder on the way? */
function isOpen(path: string): boolean {
  accessSync(path, constants.R_OK);
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) if ((statSync(folder).mode & 0o005) !== 0o005) return false;
  return true;
}
