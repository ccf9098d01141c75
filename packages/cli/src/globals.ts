import { choice, type Flag, type FlagValues, text, toggle } from "./flags.ts";

export const OUTPUT_FORMATS = ["json", "jsonc", "table", "tsv", "yaml"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Options that every command takes. A command's own short name wins over one of these. */
export const GLOBAL_FLAGS = {
  output: choice(OUTPUT_FORMATS)({ short: "o", help: "how the result is written; json when piped, a form for people on a terminal" }),
  query: text({ help: "JMESPath query on the result", valueName: "JMESPATH" }),
  workspace: text({
    short: "w",
    long: "workspace-name",
    aliases: ["workspace"],
    help: 'workspace; default: that of the project folder, else SWITCHYARD_WORKSPACE, else the stored default, else "default"',
    valueName: "NAME",
  }),
  resourceGroup: text({ short: "g", help: "accepted for scripts of Azure ML v1; one server is one group", valueName: "NAME" }),
  subscription: text({ aliases: ["subscription-id"], help: "accepted for scripts of Azure ML v1", valueName: "ID" }),
  path: text({ help: "project folder; default: the current one", valueName: "FOLDER" }),
  home: text({ help: "home of the server; default: SWITCHYARD_HOME, else ~/.switchyard", valueName: "FOLDER" }),
  outputMetadataFile: text({ short: "t", help: "also write the result as JSON to this file", valueName: "FILE" }),
  verbose: toggle({ short: "v", help: "say more about what is done" }),
  debug: toggle({ help: "say everything, with the stack of an error" }),
  onlyShowErrors: toggle({ help: "leave out notes, warnings and progress" }),
} satisfies Record<string, Flag<unknown>>;

export type GlobalValues = FlagValues<typeof GLOBAL_FLAGS>;
