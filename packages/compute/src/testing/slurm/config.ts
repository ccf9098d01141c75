import { hostname } from "node:os";
import { join } from "node:path";

export interface SlurmLabOptions {
  /** default: 3, named n1, n2, … */
  readonly nodes?: number;
  /** as Slurm counts them, whatever this machine has; default: 4 */
  readonly cpusPerNode?: number;
  /** more lines of slurm.conf, which win over those here */
  readonly config?: readonly string[];
  /** default: `main`, the default one, and `urgent`, whose jobs go first */
  readonly partitions?: readonly string[];
  /** jobs are held to the memory that they were given, by the kernel */
  readonly limitsMemory?: boolean;
  /** slurmdbd on a MariaDB of its own; a few seconds more */
  readonly accounting?: boolean;
}

export interface SlurmPorts {
  readonly controller: number;
  readonly nodes: readonly number[];
  readonly accounting: number;
  readonly database: number;
}

export const nodeNames = ({ nodes = 3 }: SlurmLabOptions): string[] => Array.from({ length: nodes }, (_, index) => `n${index + 1}`);

/** The text of slurm.conf for a cluster whose nodes are all on this machine. */
export function renderConfig(root: string, ports: SlurmPorts, options: SlurmLabOptions): string {
  const host = hostname();
  const names = nodeNames(options);
  const all = `n[1-${names.length}]`;
  const partitions = options.partitions ?? [
    `PartitionName=main Nodes=${all} Default=YES MaxTime=600 PriorityTier=1 State=UP`,
    `PartitionName=urgent Nodes=${all} MaxTime=INFINITE PriorityTier=10 State=UP`,
  ];
  const settings: Record<string, string> = {
    ClusterName: "lab",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmUser: "root",
    SlurmctldPort: `${ports.controller}`,
    AuthType: "auth/munge",
    // A job that is put back waits this long (the life of its credential), by default two minutes.
    AuthInfo: `socket=${join(root, "munge.socket")},cred_expire=6`,
    // a node comes back that did not answer, and not one that a person has set down
    ReturnToService: "1",
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_Core_Memory",
    SlurmdParameters: "config_overrides",
    MpiDefault: "none",
    SlurmctldTimeout: "30",
    SlurmdTimeout: "10",
    KillWait: "5",
    MinJobAge: "600",
    PreemptType: "preempt/partition_prio",
    PreemptMode: "REQUEUE",
    SchedulerParameters: "batch_sched_delay=0,bf_interval=2,sched_interval=2",
    StateSaveLocation: join(root, "state"),
    SlurmdSpoolDir: join(root, "spool/%n"),
    SlurmctldPidFile: join(root, "slurmctld.pid"),
    SlurmdPidFile: join(root, "slurmd-%n.pid"),
    SlurmctldLogFile: join(root, "slurmctld.log"),
    SlurmdLogFile: join(root, "slurmd-%n.log"),
    DefMemPerCPU: "64",
    ...(options.limitsMemory === true ? { ProctrackType: "proctrack/cgroup", TaskPlugin: "task/cgroup" } : {}),
    ...(options.accounting === true
      ? {
          AccountingStorageType: "accounting_storage/slurmdbd",
          AccountingStorageHost: "127.0.0.1",
          AccountingStoragePort: `${ports.accounting}`,
          AccountingStoragePass: join(root, "munge.socket"),
        }
      : {}),
  };
  for (const line of options.config ?? []) {
    const [name = "", ...value] = line.split("=");
    settings[name] = value.join("=");
  }
  return [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ...names.map(
      (name, index) =>
        `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports.nodes[index]} CPUs=${options.cpusPerNode ?? 4} RealMemory=2000 State=UNKNOWN`,
    ),
    ...partitions,
    "",
  ].join("\n");
}

/** The text of slurmdbd.conf. */
export function renderAccountingConfig(root: string, port: number, databasePort: number): string {
  const settings: Record<string, string | number> = {
    AuthType: "auth/munge",
    AuthInfo: `socket=${join(root, "munge.socket")}`,
    DbdHost: "localhost",
    DbdAddr: "127.0.0.1",
    DbdPort: port,
    SlurmUser: "root",
    LogFile: join(root, "slurmdbd.log"),
    PidFile: join(root, "slurmdbd.pid"),
    StorageType: "accounting_storage/mysql",
    StorageHost: "127.0.0.1",
    StoragePort: databasePort,
    StorageUser: "root",
    StorageLoc: "slurm_acct",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** The text of cgroup.conf, for whichever kind of control groups this machine has mounted. */
export function renderGroupsConfig(isUnified: boolean): string {
  const kind = isUnified ? "CgroupPlugin=cgroup/v2\nIgnoreSystemd=yes\n" : "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n";
  return `${kind}CgroupMountpoint=/sys/fs/cgroup\nConstrainRAMSpace=yes\nConstrainSwapSpace=no\n`;
}
