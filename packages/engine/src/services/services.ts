import type { ServiceChanges, ServiceKey, ServiceKeys } from "@switchyard/protocol";
import { Conflict } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { change, type DeployOptions, type DeployWishes, deployService, updateService } from "./deploy.ts";
import { ServiceKeeper } from "./keeper.ts";
import { tailOf } from "./logs.ts";
import { openServiceSecrets, sealServiceSecrets, withNewKey } from "./secrets.ts";
import { afterDeleted } from "./states.ts";

/** A service that is deleted has this long to end before the answer says that it goes on in the background. */
const ENDING_MS = 20_000;
const PAUSE_MS = 50;

/** Deploys web services, changes and deletes them, and looks after those of this server's machine. */
export class WebServices {
  readonly #context: EngineContext;
  readonly #keeper: ServiceKeeper;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#keeper = new ServiceKeeper(context);
  }

  start(): void {
    this.#keeper.start();
  }

  stop(): Promise<void> {
    return this.#keeper.stop();
  }

  async deploy(workspace: string, wishes: DeployWishes, options: DeployOptions): Promise<ServiceRecord> {
    return this.#woken(await deployService(this.#context, workspace, wishes, options));
  }

  async update(service: ServiceRecord, changes: ServiceChanges): Promise<ServiceRecord> {
    return this.#woken(await updateService(this.#context, service, changes));
  }

  /** Gives name and models back at once, and waits a while until the processes are gone. */
  async delete(service: ServiceRecord): Promise<void> {
    const deleted = await change(this.#context, service, (each) => afterDeleted(each, this.#context.clock.now()));
    const until = this.#context.clock.monotonicMs() + ENDING_MS;
    while (this.#context.clock.monotonicMs() < until) {
      await this.#keeper.look(deleted.id);
      if (deleted.instance !== this.#context.instance || (await this.#context.store.services.byId(deleted.id)) === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.#keeper.wake();
  }

  /** The last lines of what it printed, as of now. */
  async logs(service: ServiceRecord, lines: number, init: boolean): Promise<string> {
    await this.#keeper.look(service.id);
    return await tailOf(this.#context, (await this.#context.store.services.byId(service.id)) ?? service, lines, init);
  }

  /** Throws Conflict when the service asks for no key. */
  keys(service: ServiceRecord): ServiceKeys {
    if (!service.definition.deployment.authEnabled) {
      throw new Conflict(
        `Web service "${service.name}" asks for no key. Deploy or update it with authentication (auth_enabled, --auth-enabled true).`,
      );
    }
    const { primaryKey, secondaryKey } = openServiceSecrets(this.#context, service);
    return { primaryKey, secondaryKey };
  }

  async regenerateKey(service: ServiceRecord, key: ServiceKey, value: string | undefined): Promise<ServiceKeys> {
    this.keys(service);
    const secrets = withNewKey(openServiceSecrets(this.#context, service), key, value);
    const sealed = await sealServiceSecrets(this.#context, service.id, secrets);
    return this.keys(await change(this.#context, service, (each) => ({ ...each, sealed })));
  }

  /** What a request to its process has to carry, for those that are reached through the server alone. */
  passSecret(service: ServiceRecord): string {
    return openServiceSecrets(this.#context, service).passSecret;
  }

  #woken(service: ServiceRecord): ServiceRecord {
    this.#keeper.wake();
    return service;
  }
}
