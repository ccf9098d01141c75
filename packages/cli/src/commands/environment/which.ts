import { text } from "../../flags.ts";

/** How a command names one version of an environment. */
export const ENVIRONMENT_FLAGS = {
  name: text({ short: "n", required: true, help: "name of the environment", valueName: "NAME" }),
  version: text({ short: "v", help: "version; default: the latest", valueName: "VERSION" }),
};
