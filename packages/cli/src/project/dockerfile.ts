import { readFile, stat } from "node:fs/promises";
import type { JsonObject } from "@switchyard/protocol";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";

/** A longer one belongs into an image of one's own. */
const LONGEST_BYTES = 1024 * 1024;

/**
 * The environment with the text of its Dockerfile in place of a path. `placesOf` names where a path may lie, the likeliest
 * first. A value of several lines, or one that begins with FROM, is the text already.
 */
export async function inlineDockerfile(environment: JsonObject, placesOf: (path: string) => readonly string[]): Promise<JsonObject> {
  const docker = (environment.docker ?? {}) as JsonObject;
  const given = docker.baseDockerfile;
  if (typeof given !== "string" || given === "" || given.includes("\n") || /^\s*FROM\s/i.test(given)) return environment;
  const places = placesOf(given);
  for (const place of places) {
    const found = await stat(place).catch(() => null);
    if (!found?.isFile()) continue;
    if (found.size > LONGEST_BYTES) throw new BadRequest(`The Dockerfile "${place}" has ${found.size} bytes; at most 1 MiB is taken.`);
    return { ...environment, docker: { ...docker, baseDockerfile: await readFile(place, "utf8") } };
  }
  throw new NotFound(`There is no Dockerfile "${given}" (docker.baseDockerfile); looked for ${places.join(", ")}.`);
}
