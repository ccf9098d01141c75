import type { Service } from "@switchyard/protocol";
import type { Context, ExitCode } from "../command.ts";
import { serviceText } from "../commands/service/views.ts";
import { EXIT } from "../errors.ts";
import type { Client } from "../world.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
const LAST_LINES = 20;

/** Waits until a service is Healthy or failed, and shows it. A failed one is told with the end of its log, and exit code 1. */
export async function followService(context: Context, api: Client, workspace: string, service: Service, wait: boolean): Promise<ExitCode> {
  const { out } = context;
  const params = { workspace, name: service.name };
  if (!wait) {
    out.note(`"${service.name}" is being started. Follow it with \`switchyard service show -n ${service.name}\`.`);
    await show(context, service);
    return EXIT.done;
  }
  const left = new AbortController();
  const stopListening = context.world.onInterrupt(() => left.abort());
  let now = service;
  try {
    now = await out.progress.during(`Deploying ${service.name} …`, async () => {
      let seen = service;
      for (let pause = FIRST_PAUSE_MS; !isSettled(seen) && !left.signal.aborted; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        seen = await api.getService({ params });
      }
      return seen;
    });
  } finally {
    stopListening();
  }
  if (!isSettled(now)) out.note(`"${service.name}" goes on being started. Follow it with \`switchyard service show -n ${service.name}\`.`);
  await show(context, now);
  if (now.state !== "Failed") return left.signal.aborted ? EXIT.failed : EXIT.done;
  const { text } = await api.readServiceLogs({ params, query: { lines: LAST_LINES } as never });
  out.error(`Web service "${now.name}" failed (${now.error?.code}): ${now.error?.message}\nThe last lines of its log:\n${text}`);
  return EXIT.failed;
}

const isSettled = ({ state }: Service): boolean => state === "Healthy" || state === "Failed" || state === "Unschedulable";

const show = ({ out }: Context, service: Service): Promise<void> => out.result(service, { human: () => serviceText(service) });
