import { choice, count, seconds, text, texts, toggle } from "../../flags.ts";
import { ABOUT_FLAGS, NO_WAIT } from "./about.ts";

/** Flags that only a cluster on Slurm has. */
export const SLURM_FLAGS = {
  partition: text({ help: "Slurm: partition to submit to; default: Slurm's own", valueName: "NAME" }),
  account: text({ help: "Slurm: account that is charged", valueName: "NAME" }),
  qos: text({ help: "Slurm: quality of service", valueName: "NAME" }),
  sbatchOption: texts({ help: "Slurm: further option of sbatch, like --gres=gpu:1; repeatable", valueName: "OPTION" }),
  siteRoot: text({ help: "Slurm: folder for run directories on a disk that all nodes share", valueName: "FOLDER" }),
  loginAddress: text({ help: "Slurm: log-in node over SSH; default: the server's own machine", valueName: "ADDRESS" }),
  loginUser: text({ help: "Slurm: account on the log-in node", valueName: "USER" }),
  loginPort: count({ help: "Slurm: SSH port of the log-in node; default: 22", valueName: "PORT" }),
  loginPassword: text({ help: "Slurm: password there; - reads it from standard input; else SWITCHYARD_PASSWORD", valueName: "PASSWORD" }),
  loginPrivateKeyFile: text({ help: "Slurm: private key for the log-in node", valueName: "FILE" }),
  loginPrivateKeyPassphrase: text({ help: "Slurm: passphrase of that key; - reads it from standard input", valueName: "PASSPHRASE" }),
  loginUseAgent: toggle({ help: "Slurm: log in with the SSH agent of the server's account" }),
  loginJump: texts({ help: "Slurm: machine to go through to the log-in node; repeatable", valueName: "USER@HOST[:PORT]" }),
  loginHostKey: text({ help: "Slurm: fingerprint that the log-in node must show", valueName: "SHA256:…" }),
};

/** What a managed cluster may be created with. */
export const CLUSTER_FLAGS = {
  ...ABOUT_FLAGS,
  vmSize: text({ short: "s", help: "size of its nodes; default: STANDARD_NC6", valueName: "SIZE" }),
  maxNodes: count({ help: "the most nodes at once; default: 4", aliases: ["cluster-max-nodes"] }),
  minNodes: count({ default: 0, help: "nodes that stay even when idle", aliases: ["cluster-min-nodes"] }),
  idleSecondsBeforeScaledown: seconds({ default: 120, help: "a node that is idle for so long goes" }),
  vmPriority: choice(["dedicated", "lowpriority", "low-priority"])({
    short: "p",
    default: "dedicated",
    help: "lowpriority nodes may be taken away; their runs begin again",
    valueName: "dedicated|lowpriority",
  }),
  backend: choice(["local", "slurm"])({ default: "local", help: "local: nodes on the server's machine; slurm: Slurm places and scales" }),
  isolation: choice(["processes", "containers"])({
    default: "processes",
    help: "containers: every run is in a container of its own, so that runs of several people are taken; local backend",
  }),
  ...SLURM_FLAGS,
  adminUsername: text({ help: "account of an administrator on the nodes", valueName: "USER" }),
  adminUserPassword: text({ help: "its password; - reads it from standard input; else SWITCHYARD_PASSWORD", valueName: "PASSWORD" }),
  adminUserSshKey: text({ help: "its public SSH key: the text, or a file", valueName: "KEY" }),
  remoteLoginPortPublicAccess: choice(["Enabled", "Disabled", "NotSpecified"])({
    help: "whether SSH to the nodes is open; kept with the target",
  }),
  vnetName: text({ help: "virtual network; kept with the target", valueName: "NAME" }),
  vnetResourcegroupName: text({ help: "resource group of that network; kept with the target", valueName: "NAME" }),
  subnetName: text({ help: "subnet; kept with the target", valueName: "NAME" }),
  assignIdentity: texts({ many: true, help: "identity of the nodes: [system], or ids; kept with the target", valueName: "ID" }),
  noWait: NO_WAIT,
};
