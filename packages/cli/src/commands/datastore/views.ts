import type { Datastore } from "@switchyard/protocol";
import { listing } from "../../output/table.ts";
import { localTime } from "../../output/words.ts";

/** A datastore in one line of a table. */
export function datastoreRow({ name, datastoreType, isDefault, readable, writable, settings }: Datastore) {
  const can = [readable ? "read" : "", writable ? "write" : ""].filter(Boolean).join(" ");
  return { name, type: datastoreType, default: isDefault ? "yes" : "", can, place: placeOf(settings) };
}

/** All there is to say of one, for a person. */
export function datastoreText(store: Datastore): string {
  const kept = store.builtIn ? "by the server itself" : placeOf(store.settings);
  return listing([
    ["Name", `${store.name}${store.isDefault ? " (default)" : ""}`],
    ["Type", store.datastoreType],
    ["Kept", kept],
    ["Settings", Object.entries(store.settings).map(([key, value]) => `${key}=${value}`).join("\n")], // biome-ignore format: one line
    ["Credentials", store.hasCredentials ? "stored" : ""],
    ["Note", store.because],
    ["Created", store.createdUtc === null ? "" : localTime(store.createdUtc)],
  ]);
}

function placeOf(settings: Datastore["settings"]): string {
  const { path, accountName, containerName, fileShareName, filesystem, storeName, serverName, databaseName } = settings;
  return [path, accountName, storeName, serverName, containerName, fileShareName, filesystem, databaseName]
    .filter((part) => typeof part === "string")
    .join("/");
}
