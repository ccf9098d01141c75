import { completionCommand } from "../../completion/command.ts";
import { bashScript } from "../../completion/scripts.ts";

export const completeBash = completionCommand("bash", "source <(switchyard completion bash)", bashScript);
