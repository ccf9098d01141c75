import { completionCommand } from "../../completion/command.ts";
import { fishScript } from "../../completion/scripts.ts";

export const completeFish = completionCommand("fish", "switchyard completion fish | source", fishScript);
