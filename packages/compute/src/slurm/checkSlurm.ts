import { ComputeUnreachable } from "@switchyard/protocol";
import type { Health } from "../contract.ts";
import type { Site } from "../site/site.ts";
import { complaintOf, runSlurm } from "./commands.ts";
import type { SlurmDriverSettings } from "./settings.ts";

const COMMANDS = ["sbatch", "squeue", "scancel", "scontrol", "sinfo"];

/** Whether Slurm takes jobs for this target: its commands, its controller, the partition. */
export async function checkSlurm(
  site: Site,
  settings: SlurmDriverSettings,
  disk: Health & { ok: true },
  signal: AbortSignal,
): Promise<Health> {
  try {
    const missing = await missingCommands(site, signal);
    if (missing.length > 0)
      return {
        ok: false,
        because: `This machine has no ${missing.join(", ")} on its PATH. Install Slurm's commands, or use a log-in node of the cluster.`,
      };
    const partitions = await listPartitions(site, signal);
    if (typeof partitions === "string") return { ok: false, because: `Slurm's controller does not answer: "${partitions}".` };
    return judge(partitions, settings.partition ?? null, disk);
  } catch (error) {
    if (error instanceof ComputeUnreachable) return { ok: false, because: error.message };
    throw error;
  }
}

async function missingCommands(site: Site, signal: AbortSignal): Promise<string[]> {
  const script = 'for name; do command -v "$name" >/dev/null 2>&1 || echo "$name"; done';
  const { stdout } = await runSlurm(site, ["sh", "-c", script, "sh", ...COMMANDS], signal);
  return stdout.split("\n").filter((line) => line !== "");
}

export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  /** `up`, `down`, `drain`, `inact` */
  readonly availability: string;
  readonly nodes: number;
}

/** The partitions, or what Slurm complained of. */
export async function listPartitions(site: Site, signal: AbortSignal): Promise<readonly Partition[] | string> {
  const result = await runSlurm(site, ["sinfo", "--noheader", "--all", "--summarize", "--format=%P|%a|%D"], signal);
  return result.code === 0 ? parsePartitions(result.stdout) : complaintOf(result);
}

export function parsePartitions(text: string): Partition[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", availability = "", nodes = ""] = line.trim().split("|");
    if (name === "") return [];
    return [{ name: name.replace(/\*$/, ""), isDefault: name.endsWith("*"), availability, nodes: Number(nodes) || 0 }];
  });
}

function judge(partitions: readonly Partition[], wanted: string | null, disk: Health & { ok: true }): Health {
  const partition = partitions.find((each) => (wanted === null ? each.isDefault : each.name === wanted));
  const known = partitions.map((each) => each.name).join(", ") || "none";
  if (partition === undefined && wanted === null)
    return { ok: false, because: `Slurm has no default partition, and the target names none. Name one of: ${known}.` };
  if (partition === undefined) return { ok: false, because: `Slurm has no partition "${wanted}". There are: ${known}.` };
  if (partition.availability !== "up")
    return {
      ok: false,
      because: `Slurm's partition "${partition.name}" is ${partition.availability}: jobs wait until it is up. Others are: ${known}.`,
    };
  if (partition.nodes === 0)
    return { ok: true, note: [disk.note, `Partition "${partition.name}" has no node now.`].filter(Boolean).join(" ") };
  return disk;
}
