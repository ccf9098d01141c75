import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SshSettings } from "../../ssh/settings.ts";
import { SshLab } from "../ssh/sshLab.ts";
import type { SlurmLab } from "./slurmLab.ts";

/** A machine behind SSH from which jobs are given to a cluster of the lab. It shares this machine's disk with the nodes, and the account, root. */
export class LoginNode {
  readonly machines: SshLab;

  private constructor(machines: SshLab) {
    this.machines = machines;
  }

  static async start(cluster: SlurmLab): Promise<LoginNode> {
    const config = join(cluster.root, "login.conf");
    const machines = await SshLab.start(1, { environment: { SLURM_CONF: config } });
    // its own loopback is not the one that the controller listens on
    const text = readFileSync(cluster.env.SLURM_CONF as string, "utf8");
    writeFileSync(config, text.replace("(127.0.0.1)", `(${machines.host.gateway})`));
    return new LoginNode(machines);
  }

  /** How to log in there; jobs lie in `siteRoot`, which the nodes see as well. */
  settings(siteRoot: string): SshSettings {
    return { ...this.machines.host.settings(), username: "root", siteRoot };
  }

  close(): Promise<void> {
    return this.machines.close();
  }
}
