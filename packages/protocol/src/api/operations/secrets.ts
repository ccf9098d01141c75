import { z } from "zod";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace } from "./params.ts";

/** Longest value of a secret, in characters, as key vaults have it. */
export const MAX_SECRET_LENGTH = 25_000;

/** As key vaults name them; names are compared without regard to case. */
export const secretName = z.string().regex(/^[0-9A-Za-z-]{1,127}$/, "the name of a secret has 1 to 127 letters, digits and '-'");

const secretFacts = z.object({ name: z.string(), createdUtc: instant, modifiedUtc: instant });
export type SecretFacts = z.infer<typeof secretFacts>;

/** Secrets of a workspace. Values leave the server only through `readSecrets`. */
export const secretsOperations = defineOperations({
  listSecrets: {
    method: "GET",
    path: "/workspaces/{workspace}/secrets",
    tag: "secrets",
    access: "user",
    summary: "Names of the secrets, without their values",
    params: inWorkspace,
    response: z.array(secretFacts),
  },
  setSecrets: {
    method: "PUT",
    path: "/workspaces/{workspace}/secrets",
    tag: "secrets",
    access: "user",
    summary: "Set secrets by name, all or none; a name that exists gets the new value",
    params: inWorkspace,
    body: z.object({ secrets: z.record(secretName, z.string().max(MAX_SECRET_LENGTH)) }),
    response: "none",
  },
  readSecrets: {
    method: "POST",
    path: "/workspaces/{workspace}/secrets/read",
    tag: "secrets",
    access: "user or own run",
    summary: "Values of secrets by name; null for one that is not there",
    params: inWorkspace,
    body: z.object({ names: z.array(secretName).max(1000) }),
    response: z.object({ secrets: z.record(z.string(), z.string().nullable()) }),
  },
  deleteSecret: {
    method: "DELETE",
    path: "/workspaces/{workspace}/secrets/{name}",
    tag: "secrets",
    access: "user",
    summary: "Delete a secret",
    params: inWorkspace.extend({ name: secretName }),
    response: "none",
  },
});
