import { z } from "zod";

/** Words that mean a kind of compute in a run configuration, so no target can have them as its name. */
export const RESERVED_COMPUTE_NAMES: ReadonlySet<string> = new Set(["local", "amlcompute", "containerinstance"]);

/** Spec 09 §1: 2 to 24 letters, digits and `-`, a letter first, a letter or digit last. */
export const computeName = z
  .string()
  .regex(
    /^[A-Za-z](?:[A-Za-z0-9-]{0,22}[A-Za-z0-9])$/,
    "a name has 2 to 24 letters, digits and -, begins with a letter and does not end with -",
  )
  .refine((name) => !RESERVED_COMPUTE_NAMES.has(name.toLowerCase()), "this name means a kind of compute; choose another");
