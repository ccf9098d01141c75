import { completionCommand } from "../../completion/command.ts";
import { zshScript } from "../../completion/scripts.ts";

export const completeZsh = completionCommand("zsh", "source <(switchyard completion zsh)", zshScript);
