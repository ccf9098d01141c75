import { text } from "../../flags.ts";

export const SECRET_NAME = text({ short: "n", required: true, help: "name: letters, digits and '-', in any case", valueName: "NAME" });
