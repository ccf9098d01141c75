import { checkName, quoteShell } from "./quote.ts";

/** The text of `.switchyard/secret.sh`: exports that only the script's process gets. Belongs into a file of mode 0600. */
export function renderSecretShell(secrets: Readonly<Record<string, string>>): string {
  const lines = Object.entries(secrets).map(([name, value]) => `export ${checkName(name)}=${quoteShell(value, `the secret ${name}`)}\n`);
  return lines.join("");
}
