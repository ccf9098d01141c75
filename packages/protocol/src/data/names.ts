import { z } from "zod";

/** A datastore's name. Names are compared without regard to case. */
export const datastoreName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/, "the name of a datastore has letters, digits, '_' and '-'");

/** The datastores that every workspace has from the start; the first one is its default. */
export const BUILT_IN_DATASTORES = ["workspaceblobstore", "workspacefilestore"] as const;

/** A dataset's name: people write words in it (`diabetes dataset`). */
export const datasetName = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => name.trim() === name && !/[\p{Cc}/\\]/u.test(name), "the name of a dataset has no slash and no blank at its ends");

/** Names of inputs and outputs are part of names of variables. */
export const dataName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_]+$/, "the name of an input or output has letters, digits and '_'");
