import type { ToolkitSource } from "@switchyard/compute";
import { lookForSpark } from "@switchyard/compute/ssh";
import { ComputeUnreachable, type RemoteSettings, type SshSecret } from "@switchyard/protocol";
import type { KindOfCompute } from "../kindOfCompute.ts";
import { sshLogin } from "../sshLogin.ts";
import { remoteMachine } from "./remoteMachine.ts";

/** The head node of a Spark cluster: a machine over SSH with Spark and Java, whose Spark starts the driver programs. */
export function sparkCluster(tools: ToolkitSource, serverUrl: () => string): KindOfCompute {
  const machine = remoteMachine(tools, serverUrl);
  return {
    ...machine,
    async provision(record, secret, signal) {
      const facts = await machine.provision(record, secret, signal);
      const settings = record.settings as unknown as RemoteSettings;
      const spark = await lookForSpark(sshLogin(settings, secret as SshSecret, facts.hostKey), tools, signal);
      const problem = problemOf(settings.address, spark);
      if (problem !== null) throw new ComputeUnreachable(problem);
      const { submit, version, javaVersion, master } = spark;
      return { ...facts, spark: { submit, version, javaVersion, master } };
    },
    status: async (record) => ({ ...(await machine.status?.(record)), spark: record.facts.spark ?? null }),
  };
}

/** Why this is no Spark cluster, and the ways out; null when it is one. */
function problemOf(address: string, { submit, java, failed }: Awaited<ReturnType<typeof lookForSpark>>): string | null {
  const otherwise = "A machine without Spark is attached as remote.";
  if (submit === null)
    return `There is no spark-submit on ${address}: it is neither on the PATH of a log-in without a terminal nor below SPARK_HOME. Install Spark there, or set PATH or SPARK_HOME where such log-ins find them (/etc/environment, ~/.bashrc). ${otherwise}`;
  if (java === null)
    return `Spark was found on ${address} (${submit}), and no Java: it is neither on PATH, nor below JAVA_HOME, nor named in spark-env.sh. Install one that this Spark takes (on Debian and Ubuntu: apt install openjdk-17-jre-headless), or set JAVA_HOME there. ${otherwise}`;
  if (failed !== null) return `Spark does not start on ${address}: \`${submit} --version\` ${failed}. Mend that and attach it anew.`;
  return null;
}
