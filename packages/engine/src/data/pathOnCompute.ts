import { PathEscape } from "@switchyard/protocol";

/**
 * Where an input or output is to appear: an absolute path, or one below the working directory. Null for no wish; `./`, which
 * older files have, is none.
 */
export function pathOnComputeOf(name: string, wished: string | null): string | null {
  if (wished === null) return null;
  const parts = wished.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || wished.includes("\0")) {
    throw new PathEscape(`"${name}" is to appear at "${wished}" on the compute, which leads out of the run's folder. Leave out the "..".`);
  }
  if (parts.length === 0) return null;
  return `${wished.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}
