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

/** Version of the REST API: what came with MLflow 3 is partly in 3.0. */
type Api = "2.0" | "3.0";

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

  async get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}, api: Api = "2.0"): Promise<T> {
    const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as [string, string]]));
    return this.#json<T>(`/api/${api}/mlflow/${path}?${new URLSearchParams(given)}`, { method: "GET" });
  }

  async post<T>(path: string, body: object, api: Api = "2.0"): Promise<T> {
    return this.send<T>("POST", path, body, api);
  }

  async send<T>(method: "POST" | "PATCH" | "DELETE", path: string, body: object, api: Api = "2.0"): Promise<T> {
    return this.#json<T>(`/api/${api}/mlflow/${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  }

  /** Bytes of a file, as they come. Reading fails with ServerUnreachable when the answer breaks off. */
  async download(path: string): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#again(() => this.#once(path, { method: "GET" }));
    return ReadableStream.from(this.#whole(body ?? [], path)) as ReadableStream<Uint8Array>;
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
    const text = await this.#again(async () => {
      const { body } = await this.#once(path, init);
      return await new Response(ReadableStream.from(this.#whole(body ?? [], path))).text();
    });
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new BadRequest(`${this.url} is no MLflow server: ${path.split("?")[0]} was not answered with JSON.`, { cause: error });
    }
  }

  async *#whole(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw new ServerUnreachable(`The answer of ${this.url} to ${path.split("?")[0]} broke off: ${(error as Error).message}.`, { cause: error }); // biome-ignore format: one line
    }
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
      const cause = (error as Error).cause as (Error & { code?: string }) | undefined;
      if (cause instanceof ServerUnreachable) throw cause; // what was to be sent did not come
      const why = cause?.message ?? (error as Error).message;
      if (/CERT|SIGNED|ISSUER/.test(cause?.code ?? "")) {
        throw new BadRequest(
          `The certificate of ${this.url} is not trusted here: ${why}. Set NODE_EXTRA_CA_CERTS to a file with the certificate (PEM) that signs it.`,
          { cause: error },
        );
      }
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
    const said = message ?? error_code;
    const whole = response.status >= 500 ? `${url} failed at ${path.split("?")[0]} (${response.status}): ${said}` : said;
    if (error_code !== undefined) return new MlflowRefusal(response.status, error_code, whole ?? error_code);
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
  const user = plain(parsed.username) || env.MLFLOW_TRACKING_USERNAME;
  const password = plain(parsed.password) || env.MLFLOW_TRACKING_PASSWORD;
  const token = env.MLFLOW_TRACKING_TOKEN;
  parsed.username = "";
  parsed.password = "";
  const basic = user ? `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` : undefined;
  const authorization = basic ?? (token ? `Bearer ${token}` : undefined);
  return new MlflowClient(parsed.href.replace(/[#?].*$/, ""), authorization === undefined ? {} : { authorization });
}

/** A part of an address without its %-escapes; one that is not escaped properly is meant as it stands. */
function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Whether an error says that a server has no such route: it is older, or another program. */
export const hasNoRoute = (error: unknown): boolean =>
  error instanceof NotFound || (error instanceof MlflowRefusal && ["ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED"].includes(error.word));
