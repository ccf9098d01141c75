import type { AnyCommand } from "./command.ts";
import { type Flag, longName } from "./flags.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import { GROUPS, loadCommands } from "./help.ts";
import { argumentHelp, argumentWords } from "./parse.ts";

const HEAD = `# The command line

<!-- Written by \`node scripts/run.mjs cli-docs\` from the definitions in packages/cli/src/commands. Change those, not this. -->

\`switchyard COMMAND --help\` says the same for one command. Options stand after the command's name, in any order; what
follows the script of \`submit\` and \`run submit-script\` belongs to the script, but for four options of \`submit\`.

Exit codes: 0 done · 1 failed (also: the run that was followed failed or was canceled, a compute target could not be
made) · 2 bad usage, what this version does not have, or a run that was refused and so not made · 3 not found · 4 server or compute unreachable ·
130 detached with Ctrl-C.

On a terminal a result is written for people; piped, it is JSON. \`-o\` chooses otherwise and \`--query\` (JMESPath)
selects from it. Errors, notes and progress go to standard error; with JSON output an error is there also as
\`{"error": {"code", "message"}}\`.
`;

/** The page \`docs/cli.md\`: every command with its arguments, options and examples. */
export async function renderDocs(): Promise<string> {
  const commands = await loadCommands();
  const parts = [HEAD, `## Options of every command\n\n${flagTable(GLOBAL_FLAGS)}`];
  let group = "";
  for (const [name, command] of commands) {
    const [first] = name.split(" ") as [string];
    if (name.includes(" ") && first !== group) parts.push(`## ${first}\n\n${GROUPS[first]}.`);
    else if (!name.includes(" ") && group === "") parts.push("## Commands without a group");
    group = first;
    parts.push(commandSection(name, command));
  }
  return `${parts
    .join("\n\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

function commandSection(name: string, command: AnyCommand): string {
  const words = Object.entries(command.args).map(([key, argument]) => argumentWords(key, argument));
  const usage = ["switchyard", name, "[options]", ...words].join(" ");
  const parts = [`### ${name}\n\n${command.summary}.`];
  if (command.description) parts.push(`${command.description.replaceAll("\n", " ")}.`);
  parts.push(`\`\`\`\n${usage}\n\`\`\``);
  const args = Object.entries(command.args).map(
    ([key, argument]) => `| \`${argumentWords(key, argument)}\` | ${escaped(argumentHelp(argument))} |`,
  );
  if (args.length > 0) parts.push(`| argument | |\n|---|---|\n${args.join("\n")}`);
  if (Object.keys(command.flags).length > 0) parts.push(flagTable(command.flags));
  const width = Math.max(...command.examples.map(([line]) => line.length));
  parts.push(`\`\`\`sh\n${command.examples.map(([line, effect]) => `${line.padEnd(width)}  # ${effect}`).join("\n")}\n\`\`\``);
  return parts.join("\n\n");
}

function flagTable(flags: Readonly<Record<string, Flag<unknown>>>): string {
  const rows = Object.entries(flags).map(([key, flag]) => `| ${flagNames(key, flag)} | ${escaped(flag.help)}${notes(flag)} |`);
  return `| option | |\n|---|---|\n${rows.join("\n")}`;
}

function flagNames(key: string, flag: Flag<unknown>): string {
  const names = [flag.short && `-${flag.short}`, `--${longName(key, flag)}`, ...flag.aliases.map((alias) => `--${alias}`)].filter(Boolean);
  return names.map((name) => `\`${name}\``).join(", ") + (flag.valueName === null ? "" : ` \`${escaped(flag.valueName)}\``);
}

function notes(flag: Flag<unknown>): string {
  if (flag.required) return " (required)";
  return flag.default === undefined || flag.default === false || flag.default === "" ? "" : ` (default: ${escaped(String(flag.default))})`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
