import { randomBytes } from "node:crypto";
import { Conflict, type JsonObject, REGISTRY_PASSWORD_SECRET, type ServiceKey, type ServiceKeys } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";

/** What a service keeps from everybody but its server: its two keys, what the server proves itself with, and the environment's password. */
export interface ServiceSecrets extends ServiceKeys {
  readonly passSecret: string;
  readonly [REGISTRY_PASSWORD_SECRET]?: string;
}

const ownerOf = (serviceId: string): string => `service ${serviceId}`;
/** As long as the keys of v1: 32 characters. */
const newKey = (): string => randomBytes(24).toString("base64url");

export function newServiceSecrets(more: Readonly<Record<string, string>>): ServiceSecrets {
  return { ...more, primaryKey: newKey(), secondaryKey: newKey(), passSecret: newKey() };
}

/** With another key in place of one. */
export function withNewKey(secrets: ServiceSecrets, key: ServiceKey, value: string | undefined): ServiceSecrets {
  return { ...secrets, [key === "Primary" ? "primaryKey" : "secondaryKey"]: value ?? newKey() };
}

export async function sealServiceSecrets({ vault }: Pick<EngineContext, "vault">, id: string, secrets: ServiceSecrets): Promise<string> {
  if (vault === null) throw new Conflict("This server keeps no secrets, so it cannot keep the keys of a web service.");
  return await vault.seal(secrets, ownerOf(id));
}

export function openServiceSecrets({ vault }: Pick<EngineContext, "vault">, { id, sealed }: ServiceRecord): ServiceSecrets {
  if (vault === null || sealed === null) throw new Conflict("The keys of the web service cannot be read here.");
  return vault.open<ServiceSecrets & JsonObject>(sealed, ownerOf(id));
}
