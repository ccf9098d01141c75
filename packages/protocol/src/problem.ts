import { z } from "zod";
import { ERROR_CODES } from "./errors.ts";

export const errorCode = z.enum(ERROR_CODES);

/** RFC 9457 body of every error response. `type` is `urn:switchyard:error:<code>`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: errorCode,
  detail: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Problem = z.infer<typeof problem>;
