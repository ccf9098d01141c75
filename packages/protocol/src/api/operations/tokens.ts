import { z } from "zod";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";

export const token = z.object({
  tokenId: z.string(),
  scope: z.enum(["user", "run"]),
  runId: z.string().nullable(),
  user: z.string().nullable(),
  note: z.string(),
  createdUtc: instant,
  expiresUtc: instant.nullable(),
  revokedUtc: instant.nullable(),
});
export type Token = z.infer<typeof token>;

/** Tokens. */
export const tokensOperations = defineOperations({
  listTokens: {
    method: "GET",
    path: "/tokens",
    tag: "tokens",
    access: "user",
    summary: "List tokens; their secrets are not kept",
    response: z.array(token),
  },
  createToken: {
    method: "POST",
    path: "/tokens",
    tag: "tokens",
    access: "user",
    summary: "Make a token; its secret is shown this once",
    body: z.object({
      note: z.string().max(200).default(""),
      user: z.string().max(200).optional(),
      expiresSeconds: z.number().positive().optional(),
    }),
    response: token.extend({ secret: z.string() }),
  },
  revokeToken: {
    method: "DELETE",
    path: "/tokens/{tokenId}",
    tag: "tokens",
    access: "user",
    summary: "Revoke a token",
    params: z.object({ tokenId: z.string() }),
    response: "none",
  },
});
