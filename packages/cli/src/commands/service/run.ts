import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { problem } from "@switchyard/protocol";
import { BadRequest, NotFound, RemoteError } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { text } from "../../flags.ts";
import { namedService, SERVICE_NAME } from "./which.ts";

export const runService = defineCommand({
  summary: "Ask a web service: send it data and print its answer",
  description: "The key of a service that asks for one is looked up. Exit code 1 when it answers with another status than 200",
  flags: {
    ...SERVICE_NAME,
    inputData: text({
      short: "d",
      aliases: ["data"],
      required: true,
      help: "what is sent: text, most often JSON, or @FILE",
      valueName: "DATA",
    }),
  },
  examples: [
    [`switchyard service run -n digits -d '{"data": [[1, 2, 3]]}'`, "prints what the service answers"],
    ["switchyard service run -n digits -d @sample.json", "sends the content of a file"],
  ],
  async act(context) {
    const { flags, out, world } = context;
    const { api, params } = await namedService(context);
    const service = await api.getService({ params });
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (service.authEnabled) headers.authorization = `Bearer ${(await api.getServiceKeys({ params })).primaryKey}`;
    const body = await dataOf(flags.inputData, world.cwd);
    const answer = await fetch(`${service.proxyUri}/score`, { method: "POST", headers, body });
    const said = await answer.text();
    if (answer.status === 200) {
      await out.result(read(said), { human: () => said });
      return EXIT.done;
    }
    const refusal = problem.safeParse(read(said));
    if (refusal.success) throw new RemoteError(refusal.data);
    out.error(
      `Web service "${service.name}" answered with status ${answer.status}: ${said}\n\`switchyard service get-logs -n ${service.name}\` has more.`,
    );
    return EXIT.failed;
  },
});

async function dataOf(given: string, cwd: string): Promise<string | Uint8Array<ArrayBuffer>> {
  if (!given.startsWith("@")) return given;
  if (given === "@") throw new BadRequest("Which file? Write -d @FILE.");
  const file = resolve(cwd, given.slice(1));
  return await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new NotFound(`"${file}" cannot be read: ${cause.code === "ENOENT" ? "there is no such file" : cause.message}.`, { cause });
  });
}

/** JSON as what it says, anything else as the text it is. */
function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
