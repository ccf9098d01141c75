import { readdir, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { JsonObject } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";

/**
 * The script's path relative to the source folder, with `/`. What was typed is looked up in the source folder first,
 * then where the person stands.
 */
export async function scriptIn(source: string, typed: string, cwd: string): Promise<string> {
  const places = [resolve(source, typed), resolve(cwd, typed)];
  for (const place of places) {
    const found = await stat(place).catch(() => null);
    if (!found) continue;
    if (found.isDirectory()) throw new BadRequest(`"${typed}" is a folder. Give the script in it that shall run.`);
    if (!isBelow(source, place)) {
      throw new BadRequest(
        `The script "${typed}" lies outside of ${source}, and only that folder travels. ` +
          "Give a script inside it, or the folder that holds it with --source-directory.",
      );
    }
    return relative(source, place).split(sep).join("/");
  }
  throw new BadRequest(`There is no script "${typed}" in ${source}.${await suggestion(source, typed)}`);
}

/** Checks the script that a run configuration names; a configuration with a `command` needs none. */
export async function checkScript(source: string, configuration: JsonObject): Promise<void> {
  if (configuration.command) return;
  if (typeof configuration.script !== "string" || configuration.script === "") {
    throw new BadRequest("Which script? Write `switchyard submit train.py`, or name it in the run configuration.");
  }
  await scriptIn(source, configuration.script, source);
}

/** Refuses a script that an ignore file keeps at home: the run could not find it. `excluded` names folders with a `/`. */
export function checkTravels({ script }: JsonObject, excluded: readonly string[]): void {
  if (typeof script !== "string") return;
  const rule = excluded.find((path) => path === script || (path.endsWith("/") && script.startsWith(path)));
  if (rule === undefined) return;
  throw new BadRequest(`The script "${script}" would not travel: .amlignore (else .gitignore) leaves ${rule} out. Take it from that file.`);
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function suggestion(source: string, typed: string): Promise<string> {
  const scripts = (await readdir(source)).filter((name) => name.endsWith(".py")).sort();
  const near = nearestOf(typed, scripts);
  if (near) return ` Did you mean ${near}?`;
  return scripts.length === 0 ? "" : ` It holds ${scripts.slice(0, 5).join(", ")}${scripts.length > 5 ? ", …" : ""}.`;
}
