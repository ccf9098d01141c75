import { BadRequest, NotFound, ServerUnreachable, SwitchyardError, Unauthenticated } from "@switchyard/protocol/errors";

/** What an MLflow server answers when it refuses: its word and its sentence. */
export class MlflowRefusal extends SwitchyardError {
  readonly status: number;
  readonly word: string;
  constructor(status: number, word: string, message: string) {
    super(message);
    this.status = status;
    this.word = word;
  }
}

const TRIES = 5;
const FIRST_PAUSE_MS = 200;

/** A client of MLflow's REST API; asks again when the network or the server fails for a moment. */
export class MlflowClient {
  /** the address without a name or password in it */
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.url = url.replace(/\/+$/, "");
    this.#headers = headers;
  }

  async get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as [string, string]]));
    return this.#json<T>(`/api/2.0/mlflow/${path}?${new URLSearchParams(given)}`, { method: "GET" });
  }

  async post<T>(path: string, body: object): Promise<T> {
    return this.#json<T>(`/api/2.0/mlflow/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  }

  /** Bytes of a file, as they come. */
  async download(path: string): Promise<ReadableStream<Uint8Array>> {
    return (await this.#ask(path, { method: "GET" })).body ?? new ReadableStream();
  }

  /** Sends a file; `open` is called again for each try. */
  async upload(path: string, open: () => Promise<ReadableStream<Uint8Array>>): Promise<void> {
    await this.#again(async () => {
      const body = await open();
      await this.#once(path, {
        method: "PUT",
        body,
        duplex: "half",
        headers: { "content-type": "application/octet-stream" },
      } as RequestInit);
    });
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const text = await (await this.#ask(path, init)).text();
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new BadRequest(`${this.url} is no MLflow server: ${path.split("?")[0]} was not answered with JSON.`, { cause: error });
    }
  }

  #ask(path: string, init: RequestInit): Promise<Response> {
    return this.#again(() => this.#once(path, init));
  }

  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const passing =
          error instanceof ServerUnreachable || (error instanceof MlflowRefusal && (error.status >= 500 || error.status === 429));
        if (!passing || tries === TRIES) throw error;
        await new Promise((done) => setTimeout(done, FIRST_PAUSE_MS * 2 ** tries));
      }
    }
  }

  async #once(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.url + path, { ...init, headers: { ...init.headers, ...this.#headers } });
    } catch (error) {
      const why = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
      throw new ServerUnreachable(`${this.url} does not answer: ${why}.`, { cause: error });
    }
    if (response.ok) return response;
    throw await refusalOf(this.url, path, response);
  }
}

async function refusalOf(url: string, path: string, response: Response): Promise<SwitchyardError> {
  const text = await response.text();
  if (response.status === 401 || response.status === 403) {
    return new Unauthenticated(
      `${url} wants another log-in (${response.status}). Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.`,
    );
  }
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: string; message?: string };
    if (error_code !== undefined) return new MlflowRefusal(response.status, error_code, message ?? error_code);
  } catch {
    // no MLflow error: told below
  }
  if (response.status >= 500)
    return new MlflowRefusal(response.status, "INTERNAL_ERROR", `${url} failed at ${path.split("?")[0]} (${response.status}).`);
  return new NotFound(`${url} has no ${path.split("?")[0]} (${response.status}). Is it the address of an MLflow server?`);
}

/** A client of the server that a person names; a log-in comes from the address or from MLflow's own variables. */
export function clientOf(uri: string, env: Readonly<Record<string, string | undefined>>): MlflowClient {
  const parsed = URL.canParse(uri) ? new URL(uri) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new BadRequest(
      `"${uri}" is no address of an MLflow server (http:// or https://). For a folder or a database of MLflow's, start ` +
        "`mlflow server --backend-store-uri …` on it and give the address of that.",
    );
  }
  const user = decodeURIComponent(parsed.username) || env.MLFLOW_TRACKING_USERNAME;
  const password = decodeURIComponent(parsed.password) || env.MLFLOW_TRACKING_PASSWORD;
  const token = env.MLFLOW_TRACKING_TOKEN;
  parsed.username = "";
  parsed.password = "";
  const basic = user ? `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` : undefined;
  const authorization = basic ?? (token ? `Bearer ${token}` : undefined);
  return new MlflowClient(parsed.href.replace(/[#?].*$/, ""), authorization === undefined ? {} : { authorization });
}
