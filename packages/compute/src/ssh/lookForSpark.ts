import type { ToolkitSource } from "../bundle/toolkit.ts";
import { RemoteFiles } from "./remoteFiles.ts";
import type { SshSettings } from "./settings.ts";
import { createSshSite } from "./sshDriver.ts";

/** The Spark of a machine, as runs there will find it; null is what was not found. */
export interface FoundSpark {
  /** the path of spark-submit */
  readonly submit: string | null;
  /** the path of Java, or which of Spark's own settings names it */
  readonly java: string | null;
  /** Spark's, as it says itself */
  readonly version: string | null;
  readonly javaVersion: string | null;
  /** who gives out executors where a run does not say: `yarn`, `local[*]` */
  readonly master: string | null;
  /** how Spark failed when it was asked for its version; null when it did not */
  readonly failed: string | null;
}

/** Looks for Spark with the very functions that the supervisor of a run uses, and starts it once. */
export async function lookForSpark(settings: SshSettings, source: ToolkitSource, signal: AbortSignal): Promise<FoundSpark> {
  const files = new RemoteFiles(source.supervisor);
  const texts = await Promise.all(["../prepare.sh", "../spark.sh", "spark.sh"].map((name) => files.text(name)));
  const { stdout } = await createSshSite(settings, source).run(["sh", "-c", texts.join("\n")], signal);
  const facts = new Map(stdout.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1).trim()]));
  const of = (word: string) => facts.get(word) || null;
  return {
    submit: of("submit"),
    java: of("java"),
    version: of("version"),
    javaVersion: of("javaversion"),
    master: of("master"),
    failed: of("failed"),
  };
}
