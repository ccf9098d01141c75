import { BadRequest } from "@switchyard/protocol";
import type { ArtifactStorage } from "./contract.ts";
import { openFolder } from "./folder/openFolder.ts";

/** Opens the storage that a URL names, making it when it is new: `folder:/path`. */
export async function openArtifacts(url: string): Promise<ArtifactStorage> {
  const [scheme, rest] = splitScheme(url);
  if (scheme === "folder" && rest !== "") return openFolder(rest);
  throw new BadRequest(`Artifact storage "${url}" is not one that Switchyard knows; write folder:/absolute/path.`);
}

function splitScheme(url: string): [string, string] {
  const colon = url.indexOf(":");
  return colon < 0 ? ["", url] : [url.slice(0, colon), url.slice(colon + 1)];
}
