import type { ComputeTarget, OperationName } from "@switchyard/protocol";
import type { CallName, OperationMethods } from "./methods.ts";
import { type Connection, parseAnswer, type RequestInput, send } from "./request.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts";
import { ROUTES } from "./routes.ts";
import {
  type ChangeStreamEvent,
  type ChangeStreamInput,
  type LogStreamEvent,
  type LogStreamInput,
  readChanges,
  readLogs,
} from "./streams.ts";
import { type TargetWaitInput, waitForTarget, waitForTargetGone } from "./waitForTarget.ts";

export interface ClientOptions {
  /** `http://127.0.0.1:8700`, without the path of the API */
  readonly url: string;
  readonly token?: string | null;
  readonly fetch?: typeof fetch;
  /** for requests that may be repeated, while the server is away */
  readonly retry?: Partial<RetryPolicy>;
  /** of the program, which is told where a server of another version refuses something */
  readonly version?: string;
  /** told once, when the server is further away than one minor version */
  readonly onOtherVersion?: (sentence: string) => void;
  /** check every answer against the schemas; loads them (50 ms) at the first answer */
  readonly validate?: boolean;
}

/** The HTTP API in types: one method per operation, streams as async iterables. Works in browsers and in Node. */
class Client {
  readonly #connection: Connection;
  readonly #validate: boolean;

  constructor(options: ClientOptions) {
    this.#connection = {
      url: options.url.replace(/\/+$/, ""),
      token: options.token ?? null,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      ownFetch: options.fetch !== undefined,
      retry: { ...DEFAULT_RETRY, ...options.retry },
      version: options.version,
      onOtherVersion: options.onOtherVersion,
    };
    this.#validate = options.validate ?? false;
  }

  /** The server's URL. */
  get url(): string {
    return this.#connection.url;
  }

  /** Everything that changes in a workspace, from now on or from `lastEventId`; reconnects by itself, ends when `signal` is aborted. */
  events(input: ChangeStreamInput): AsyncGenerator<ChangeStreamEvent, void, void> {
    return readChanges(this.#connection, input);
  }

  /** Logs of a run while they grow; reconnects by itself and goes on where it was, ends after the `end` event. */
  logs(input: LogStreamInput): AsyncGenerator<LogStreamEvent, void, void> {
    return readLogs(this.#connection, input);
  }

  /** Waits until making a compute target has ended, and tells of it meanwhile. */
  waitForTarget(input: TargetWaitInput): Promise<ComputeTarget> {
    return waitForTarget(this as unknown as SwitchyardClient, input);
  }

  /** Waits until a compute target that is being deleted or detached is gone (null), or the time is over. */
  waitForTargetGone(input: Omit<TargetWaitInput, "minNodeCount">): Promise<ComputeTarget | null> {
    return waitForTargetGone(this as unknown as SwitchyardClient, input);
  }

  /** Calls an operation by its name; every operation is also a method. */
  async call(name: CallName, input: RequestInput = {}): Promise<unknown> {
    const route = ROUTES[name];
    const good = await send(this.#connection, route, input);
    if (route.answer === "bytes") return good.response;
    if (route.answer === "none") return good.response.body?.cancel();
    const answer = parseAnswer(this.#connection, good);
    return this.#validate ? validated(name, answer) : answer;
  }
}

async function validated(name: OperationName, answer: unknown): Promise<unknown> {
  const { operations } = await import("@switchyard/protocol");
  const { response } = operations[name];
  return typeof response === "string" ? answer : response.parse(answer);
}

for (const name of Object.keys(ROUTES) as OperationName[]) {
  if (ROUTES[name].answer === "events") continue;
  Object.defineProperty(Client.prototype, name, {
    value(this: Client, input?: RequestInput) {
      return this.call(name as CallName, input);
    },
  });
}

export type SwitchyardClient = Client & OperationMethods;
export const SwitchyardClient = Client as unknown as new (options: ClientOptions) => SwitchyardClient;
