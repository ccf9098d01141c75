import type { JsonObject } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import type { SecretBox } from "./secretBox.ts";

/** The stored credentials of a target; empty where it has none. */
export const secretOf = ({ secret, id }: ComputeRecord, box: SecretBox): JsonObject =>
  secret === null ? {} : box.open<JsonObject>(secret, id);
