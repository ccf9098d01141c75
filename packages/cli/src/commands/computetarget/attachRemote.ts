import { defineCommand } from "../../command.ts";
import { attachOverSsh, SSH_FLAGS } from "./sshMachine.ts";

export const attachRemote = defineCommand({
  summary: "Attach a machine that is reached over SSH",
  description:
    "The log-in is checked at once; the host key that the machine shows is kept, and another one refused from then on.\n" +
    "Without a key, an agent or a password, the password is asked for on a terminal",
  flags: SSH_FLAGS,
  examples: [
    ["switchyard computetarget attach remote -n gpu-box -a 10.0.0.5 -u me --private-key-file ~/.ssh/id_ed25519", "with a key"],
    ["switchyard computetarget attach remote -n gpu-box -a 10.0.0.5 -u me", "asks for the password"],
    ["switchyard computetarget attach remote -n inner -a node7 -u me --use-agent --jump me@gate:2222", "through another machine"],
  ],
  act: (context) => attachOverSsh(context, "remote"),
});
