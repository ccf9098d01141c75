import { BadRequest } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";
import { defineCommand } from "../command.ts";
import { choice, texts, toggle } from "../flags.ts";
import { homeOf } from "../server/home.ts";
import { DEFAULT_NAMES, type DefaultName, readDefaults, type StoredDefaults, storeDefaults } from "../settings/stored.ts";

export const configure = defineCommand({
  summary: "Store defaults, so that -w and -g need not be written each time",
  description:
    "The workspace of -w comes first, then that of the project folder, then SWITCHYARD_WORKSPACE, then the default that is\n" +
    "stored here. An empty value takes a default away. Without options the defaults are listed",
  flags: {
    defaults: texts({ short: "d", many: true, help: `defaults to store: ${DEFAULT_NAMES.join(", ")}`, valueName: "NAME=VALUE" }),
    listDefaults: toggle({ short: "l", help: "list what is stored" }),
    scope: choice(["global", "local"])({
      default: "global",
      help: "accepted for scripts of Azure's command line; a folder keeps its own with `folder attach`",
    }),
  },
  examples: [
    ["switchyard configure --defaults group=team aml_workspace=vision", "from now on -w vision"],
    ["switchyard configure --defaults aml_workspace=''", "no longer"],
    ["switchyard configure --list-defaults", "what is stored"],
  ],
  async act({ flags, global, out, world }) {
    if (flags.scope === "local")
      throw new BadRequest("Defaults are stored once for all folders. For one folder: `switchyard folder attach -w NAME`.");
    const home = homeOf(world, global);
    const changes = readPairs(flags.defaults, (warning) => out.warn(warning));
    const defaults = Object.keys(changes).length === 0 ? await readDefaults(home) : await storeDefaults(home, changes);
    const rows = Object.entries(defaults).map(([name, value]) => ({ name, value, source: "switchyard" }));
    if (flags.defaults.length > 0 && !flags.listDefaults && !out.resultAskedFor) return; // Azure's command line says nothing here
    await out.result(rows);
  },
});

/** `a=1 b=2`; names that only other services know are said to have no effect. */
function readPairs(typed: readonly string[], warn: (warning: string) => void): StoredDefaults {
  const changes: StoredDefaults = {};
  for (const pair of typed) {
    const equals = pair.indexOf("=");
    if (equals <= 0) throw new BadRequest(`Option --defaults: "${pair}" is not NAME=VALUE.`);
    const name = pair.slice(0, equals).trim().toLowerCase();
    if (isKnown(name)) changes[name] = pair.slice(equals + 1).trim();
    else {
      const near = nearestOf(name, DEFAULT_NAMES);
      if (near) throw new BadRequest(`Option --defaults: there is no default "${name}". Did you mean ${near}?`);
      warn(`The default "${name}" has no meaning here and was not stored; ${DEFAULT_NAMES.join(", ")} have.`);
    }
  }
  return changes;
}

const isKnown = (name: string): name is DefaultName => DEFAULT_NAMES.some((known) => known === name);
