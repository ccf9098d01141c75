import { defineCommand } from "../../command.ts";
import { attachOverSsh, SSH_FLAGS } from "./sshMachine.ts";

export const attachHdInsight = defineCommand({
  summary: "Attach a Spark cluster, by its head node",
  description:
    "The log-in is checked at once, and that spark-submit and Java are there. Runs with framework PySpark are started by its\n" +
    "spark-submit, on that machine; the cluster's own settings say where their executors go",
  flags: SSH_FLAGS,
  examples: [
    ["switchyard computetarget attach hdi -n myhdi -a mycluster-ssh.example.net -u sshuser", "asks for the password"],
    ["switchyard computetarget attach hdi -n myhdi -a 10.0.0.5 -u me --private-key-file ~/.ssh/id_ed25519", "with a key"],
  ],
  act: (context) => attachOverSsh(context, "hdinsight"),
});
