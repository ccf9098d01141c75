import type { SshConnection } from "./connection.ts";
import type { RemoteFiles } from "./remoteFiles.ts";
import { assign, runScript } from "./script.ts";

/** What a machine says of itself when it is first spoken to. */
export interface Greeting {
  readonly name: string;
  /** of the machine and the site's folder, for pids and job directories mean something only on both; null when unknown */
  readonly id: string | null;
  readonly bootId: string | null;
  /** where job directories lie, without links; null when no place could be made */
  readonly root: string | null;
  /** why jobs cannot be placed, in the machine's words; null when they can */
  readonly unusable: string | null;
  readonly tools: ReadonlySet<string>;
  readonly system: string;
  readonly freeBytes: number | null;
  readonly clockOffsetMs: number;
}

/** Makes the site's folders on the other machine and asks what it is and has. */
export async function greet(connection: SshConnection, files: RemoteFiles, siteRoot: string, signal: AbortSignal): Promise<Greeting> {
  const askedMs = Date.now();
  const script = assign({ root: siteRoot.replace(/^~\//, "") }) + (await files.text("hello.sh"));
  const { stdout, stderr } = await runScript(connection, script, signal);
  return readGreeting(stdout, stderr, (askedMs + Date.now()) / 2);
}

function readGreeting(stdout: string, stderr: string, nowMs: number): Greeting {
  const tools = new Set<string>();
  const facts = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [word = "", ...rest] = line.split(" ");
    const value = rest.join(" ").trim();
    if (word === "tool") tools.add(value);
    else if (value !== "") facts.set(word, value);
  }
  const number = (word: string) => (facts.has(word) ? Number(facts.get(word)) : null);
  const boot = facts.get("boot") ?? "-";
  const clock = number("clock");
  const isWhole = facts.has("boot");
  return {
    name: facts.get("name") ?? "?",
    id: facts.has("machine") && facts.has("id") ? `${facts.get("machine")}.${facts.get("id")}` : null,
    bootId: boot === "-" ? null : boot,
    root: facts.get("root") ?? null,
    unusable: facts.get("unusable") ?? (isWhole ? null : stderr.replace(/\s+/g, " ").trim() || "it did not say what it is"),
    tools,
    system: facts.get("system") ?? "",
    freeBytes: facts.has("free") ? (number("free") ?? 0) * 1024 : null,
    clockOffsetMs: clock === null ? 0 : clock * 1000 - nowMs,
  };
}
