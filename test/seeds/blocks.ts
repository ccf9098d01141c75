import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "blocks");

/** One block of code of the project's own specification, the five seed documents: `003-07` is the seventh of document 003. */
export interface Block {
  readonly name: string;
  readonly document: string;
  readonly language: "python" | "shell" | "yaml" | "text";
  readonly text: string;
}

const LANGUAGES = { py: "python", sh: "shell", yml: "yaml", txt: "text" } as const;

export function blocksOf(document: string): Block[] {
  const names = readdirSync(FOLDER).filter((name) => name.startsWith(`${document}-`));
  return names.sort().map((file) => {
    const [name = "", ending = ""] = file.split(".");
    return { name, document, language: LANGUAGES[ending as keyof typeof LANGUAGES], text: readFileSync(join(FOLDER, file), "utf8") };
  });
}

export const DOCUMENTS = ["000", "001", "002", "003", "004"] as const;

/** Names in angle brackets that stand for a person's own, and misprints (contract, "Known contradictions"). */
export function filledIn(text: string, own: Readonly<Record<string, string>>): string {
  let filled = text.replace("<clustername>-ssh.azureinsight.net", "<clustername>-ssh.azurehdinsight.net");
  // bare, they are no Python: name=<name>
  filled = filled.replace(/=<([\w-]+)>(?=[,)])/g, '="<$1>"');
  filled = filled.replaceAll("<clustername>-ssh.azurehdinsight.net", own["cluster-fqdn"] ?? "");
  return filled.replace(/<([a-zA-Z][\w-]*)>/g, (whole, name: string) => own[name] ?? whole);
}
