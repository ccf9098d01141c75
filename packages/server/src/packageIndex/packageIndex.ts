import { isVendorPackage, makeStandIn, normalPackageName, STAND_IN_LABEL, STAND_IN_NAMES, type Wheel } from "@switchyard/protocol";
import { CLIENT_NAME, makeClientWheel } from "./clientWheel.ts";
import { versionsOf } from "./versions.ts";

/** One file that a project has. */
export interface IndexedFile {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

const STAND_IN_FILE = /^(azureml(?:_[a-z0-9]+)*)-([\w.]+)\+switchyard-py3-none-any\.whl$/;

/** The distributions that this server offers: its client, and stand-ins for the vendor's, which depend on that client. */
export class PackageIndex {
  readonly #folder: string;
  readonly #version: string;
  readonly #listed = new Map<string, readonly IndexedFile[]>();
  #client: Promise<Wheel> | undefined;

  /** `folder` holds the Python client, `version` is the server's. */
  constructor(folder: string, version: string) {
    this.#folder = folder;
    this.#version = version;
  }

  projects(): readonly string[] {
    return [...STAND_IN_NAMES, CLIENT_NAME];
  }

  /** The files of a project; undefined when it is none of ours. Every version that the vendor may have had is there. */
  async files(project: string): Promise<readonly IndexedFile[] | undefined> {
    if (project === CLIENT_NAME) return [describe(await this.#clientWheel())];
    if (!isVendorPackage(project)) return undefined;
    const known = this.#listed.get(project);
    if (known !== undefined) return known;
    const files = versionsOf(project).map((version) => describe(this.#standIn(project, version)));
    if (STAND_IN_NAMES.includes(project)) this.#listed.set(project, files);
    return files;
  }

  /** A wheel by its file name. */
  async wheel(file: string): Promise<Uint8Array | undefined> {
    const client = await this.#clientWheel();
    if (file === client.file) return client.bytes;
    const [, dist, version] = STAND_IN_FILE.exec(file) ?? [];
    return dist === undefined || version === undefined ? undefined : this.#standIn(normalPackageName(dist), version).bytes;
  }

  #standIn(project: string, version: string): Wheel {
    return makeStandIn(project, `${version}${STAND_IN_LABEL}`, [`${CLIENT_NAME}==${this.#version}`]);
  }

  #clientWheel(): Promise<Wheel> {
    this.#client ??= makeClientWheel(this.#folder, this.#version);
    return this.#client;
  }
}

const describe = ({ file, sha256, bytes }: Wheel): IndexedFile => ({ file, sha256, size: bytes.length });
