import { SERVICE_KEYS } from "@switchyard/protocol/service";
import { defineCommand } from "../../command.ts";
import { choice, text } from "../../flags.ts";
import { namedService, SERVICE_NAME } from "./which.ts";

export const getServiceKeys = defineCommand({
  summary: "Show the two keys of a web service that asks for one",
  flags: SERVICE_NAME,
  examples: [["switchyard service get-keys -n digits --query primaryKey -o tsv", "the first one, for a script"]],
  async act(context) {
    const { api, params } = await namedService(context);
    await context.out.result(await api.getServiceKeys({ params }));
  },
});

export const regenServiceKey = defineCommand({
  summary: "Give a web service another key in place of one of its two",
  flags: {
    ...SERVICE_NAME,
    key: choice(SERVICE_KEYS)({ short: "k", required: true, help: "which one" }),
    setKey: text({ short: "s", help: "the new one; made when absent", valueName: "VALUE" }),
  },
  examples: [["switchyard service regen-key -n digits -k Primary", "who has the second key goes on"]],
  async act(context) {
    const { flags, out } = context;
    const { api, params } = await namedService(context);
    const body = { key: flags.key, ...(flags.setKey === undefined ? {} : { value: flags.setKey }) };
    await out.result(await api.regenerateServiceKey({ params, body }));
  },
});
