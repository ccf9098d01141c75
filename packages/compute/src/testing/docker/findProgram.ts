import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a program that tests need, or an error that names its Debian package. */
export function findProgram(name: string, debianPackage: string): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`These tests need ${name}. Install it: apt-get install ${debianPackage}.`);
  return found;
}
