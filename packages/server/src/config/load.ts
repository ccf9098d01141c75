import { BadRequest } from "@switchyard/protocol";
import { z } from "zod";
import { readIfThere } from "../home/home.ts";
import { nearest } from "./nearest.ts";
import { flagOf, SETTING_NAMES, type ServerSettings, type SettingName, serverSettings, variableOf } from "./settings.ts";

/** Settings from everywhere, the later ones winning: `config.json`, the environment, flags. */
export function loadSettings(configFile: string, env: NodeJS.ProcessEnv, flags: ServerSettings): ServerSettings {
  return { ...settingsOfFile(configFile), ...settingsOfEnvironment(env), ...flags };
}

function settingsOfFile(file: string): ServerSettings {
  const text = readIfThere(file);
  if (text === null) return {};
  return check(parseJson(text, file), file, (name) => name);
}

function parseJson(text: string, file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadRequest(`${file} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new BadRequest(`${file} must hold one JSON object.`);
  return value;
}

function settingsOfEnvironment(env: NodeJS.ProcessEnv): ServerSettings {
  const texts = SETTING_NAMES.map((name) => [name, env[variableOf(name)]] as const).filter(([, text]) => text !== undefined && text !== "");
  return settingsOfTexts(Object.fromEntries(texts), "the environment", variableOf);
}

/** Settings given as flags: `--port 8080` comes as `{ port: "8080" }`. */
export function settingsOfFlags(texts: Readonly<Partial<Record<SettingName, string>>>): ServerSettings {
  return settingsOfTexts(texts, "the command line", (name) => `--${flagOf(name)}`);
}

function settingsOfTexts(
  texts: Readonly<Partial<Record<string, string>>>,
  source: string,
  called: (name: SettingName) => string,
): ServerSettings {
  const values = Object.entries(texts).map(([name, text]) => [name, isNumeric(name) && text?.trim() !== "" ? Number(text) : text]);
  return check(Object.fromEntries(values), source, called);
}

function isNumeric(name: string): boolean {
  const schema = serverSettings.shape[name as SettingName]?.unwrap();
  return schema instanceof z.ZodNumber;
}

function check(values: object, source: string, called: (name: SettingName) => string): ServerSettings {
  for (const key of Object.keys(values)) {
    if ((SETTING_NAMES as readonly string[]).includes(key)) continue;
    const meant = nearest(key, SETTING_NAMES);
    throw new BadRequest(`${source}: there is no setting "${key}"${meant === null ? "" : `; did you mean "${meant}"?`}`);
  }
  const parsed = serverSettings.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BadRequest(`${source}: ${called(String(issue?.path[0]) as SettingName)}: ${issue?.message}`);
}
