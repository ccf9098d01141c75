import { createHmac } from "node:crypto";
import type { ByteRange } from "@switchyard/artifacts";
import { BadRequest, type DatastoreSecret, NotFound, NotImplemented } from "@switchyard/protocol";
import { FolderStorage } from "./folderStorage.ts";
import { type Mirrors, placeOf } from "./mirrors.ts";
import type { DatastoreStorage, RemoteFile } from "./storage.ts";
import { askWeb, bodyOf, shown, type WebRequest } from "./web.ts";
import { factsOf } from "./webStorage.ts";

/** The version of the Blob service's REST API that we speak. */
const API_VERSION = "2019-12-12";
/** What one Put Blob takes in that version. */
const MOST_PUT_BYTES = 5000 * 1024 * 1024;

export interface AzureContainer {
  readonly accountName: string;
  readonly containerName: string;
  /** `core.windows.net`, or a whole address as emulators have it */
  readonly endpoint: string | null;
  readonly protocol: string | null;
}

/** A container of Azure Blob storage, read by its documented REST API: anonymously, with a key, or with a shared access signature. */
export class AzureBlobStorage implements DatastoreStorage {
  readonly #container: AzureContainer;
  readonly #secret: DatastoreSecret;
  readonly #mirrors: Mirrors;
  readonly #limitBytes: number;
  readonly #name: string;

  constructor(name: string, container: AzureContainer, secret: DatastoreSecret, mirrors: Mirrors, limitBytes: number) {
    this.#name = name;
    this.#container = container;
    this.#secret = secret;
    this.#mirrors = mirrors;
    this.#limitBytes = limitBytes;
  }

  addressOf(path: string): string {
    return `${containerAddress(this.#container)}/${path}`;
  }

  async *list(prefix: string, after = ""): AsyncGenerator<RemoteFile> {
    const folder = this.#folder();
    if (folder !== null) return yield* folder.list(prefix, after);
    let marker = "";
    do {
      const query = { restype: "container", comp: "list", prefix, ...(marker === "" ? {} : { marker }) };
      const answer = await this.#ask("", { method: "GET" }, query);
      const chunks: Uint8Array[] = [];
      for await (const bytes of bodyOf(answer, shown(this.addressOf("")), this.#limitBytes)) chunks.push(bytes);
      const page = readListing(Buffer.concat(chunks).toString("utf8"));
      for (const file of page.files) if (file.path > after) yield file;
      marker = page.next;
    } while (marker !== "");
  }

  async stat(path: string): Promise<RemoteFile | null> {
    const folder = this.#folder();
    if (folder !== null) return folder.stat(path);
    try {
      const answer = await this.#ask(path, { method: "HEAD" });
      answer.destroy();
      const { validator, ...facts } = factsOf(this.addressOf("x"), answer.headers);
      return { ...facts, path, validator: validator?.replaceAll('"', "") ?? null };
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  async *read(path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const folder = this.#folder();
    if (folder !== null) return yield* folder.read(path, range);
    const end = range?.end === undefined ? "" : String(range.end - 1);
    const headers: Record<string, string> = range === undefined ? {} : { range: `bytes=${range.start}-${end}` };
    const answer = await this.#ask(path, { method: "GET", headers });
    yield* bodyOf(answer, shown(this.addressOf(path)), this.#limitBytes);
  }

  async write(path: string, file: { readonly size: number; read(): AsyncIterable<Uint8Array> }): Promise<void> {
    if (this.#folder() !== null)
      throw new NotImplemented(`Datastore "${this.#name}" stands for a folder of the operator's, which is only read.`);
    if (!this.#secret.accountKey && !this.#secret.sasToken) {
      throw new BadRequest(
        `Datastore "${this.#name}" has no credentials, so nothing can be written there. Register it with an account key or a SAS token.`,
      );
    }
    if (file.size > MOST_PUT_BYTES)
      throw new NotImplemented(`"${path}" has ${file.size} bytes; up to ${MOST_PUT_BYTES} go to Azure Blob storage in this version.`);
    const answer = await this.#ask(path, { method: "PUT", headers: { "x-ms-blob-type": "BlockBlob" }, body: file });
    answer.destroy();
  }

  /** The folder that the operator put in the container's place. */
  #folder(): FolderStorage | null {
    const { address } = placeOf(`${containerAddress(this.#container)}/`, this.#mirrors);
    return address.startsWith("folder:") ? new FolderStorage(address.slice("folder:".length), `datastore "${this.#name}"`) : null;
  }

  #ask(path: string, request: Pick<WebRequest, "method" | "headers" | "body">, query: Readonly<Record<string, string>> = {}) {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const place = placeOf(`${containerAddress(this.#container)}/`, this.#mirrors);
    const url = new URL(path === "" ? place.address.replace(/\/$/, "") : place.address + encoded);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const headers: Record<string, string> = { ...request.headers, "x-ms-version": API_VERSION, "x-ms-date": new Date().toUTCString() };
    if (this.#secret.accountKey) headers.authorization = this.#signature(url, { ...request, headers });
    else for (const [key, value] of new URLSearchParams(this.#secret.sasToken?.replace(/^\?/, "") ?? "")) url.searchParams.set(key, value);
    // an endpoint that somebody registered may be anything: only the operator can name one of this machine
    return askWeb(url.href, { ...request, headers, trusted: place.trusted });
  }

  /** "Authorize with Shared Key": an HMAC of the request in a canonical form. */
  #signature(url: URL, { method, headers = {}, body }: Pick<WebRequest, "method" | "headers" | "body">): string {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const length = body === undefined || body.size === 0 ? "" : String(body.size);
    const own = Object.keys(lower).filter((name) => name.startsWith("x-ms-")).sort(); // biome-ignore format: short
    const parameters = [...url.searchParams].map(([key, value]) => `${key.toLowerCase()}:${value}`).sort();
    const canonical = [
      ...[method, "", "", length, "", "", "", "", "", "", "", lower.range ?? ""],
      ...own.map((name) => `${name}:${lower[name]}`),
      [`/${this.#container.accountName}${url.pathname}`, ...parameters].join("\n"),
    ].join("\n");
    const key = Buffer.from(this.#secret.accountKey ?? "", "base64");
    return `SharedKey ${this.#container.accountName}:${createHmac("sha256", key).update(canonical, "utf8").digest("base64")}`;
  }
}

/** `https://account.blob.core.windows.net/container`; an endpoint that is a whole address stands for the account's. */
export function containerAddress({ accountName, containerName, endpoint, protocol }: AzureContainer): string {
  if (endpoint !== null && /^https?:\/\//i.test(endpoint)) return `${endpoint.replace(/\/+$/, "")}/${encodeURIComponent(containerName)}`;
  return `${protocol ?? "https"}://${accountName}.blob.${endpoint ?? "core.windows.net"}/${encodeURIComponent(containerName)}`;
}

/** Blobs of one page of List Blobs, and the marker of the next. */
export function readListing(xml: string): { readonly files: readonly RemoteFile[]; readonly next: string } {
  const files = [...xml.matchAll(/<Blob>(.*?)<\/Blob>/gs)].flatMap(([, blob = ""]) => {
    const path = textOf(blob, "Name");
    const isFolder = textOf(blob, "hdi_isfolder") === "true" || textOf(blob, "ResourceType") === "directory";
    if (path === "" || path.endsWith("/") || isFolder) return [];
    const modified = textOf(blob, "Last-Modified");
    const size = Number(textOf(blob, "Content-Length"));
    return {
      path,
      size,
      modified: modified === "" ? null : new Date(modified),
      sha256: null,
      validator: textOf(blob, "Etag").replaceAll('"', "") || null,
    };
  });
  return { files, next: textOf(xml, "NextMarker") };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function textOf(xml: string, element: string): string {
  const text = new RegExp(`<${element}(?:\\s[^>]*)?>([^<]*)</${element}>`).exec(xml)?.[1] ?? "";
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? whole;
  });
}
