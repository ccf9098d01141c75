import { BadRequest } from "@switchyard/protocol";

/** `value` as one word of a POSIX shell. `what` names it in the error for a NUL, which no process can be given. */
export function quoteShell(value: string, what: string): string {
  if (value.includes("\0")) throw new BadRequest(`${what} contains a NUL character, which cannot be passed to a process. Remove it.`);
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** `name`, if it can be the name of an environment variable. */
export function checkName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new BadRequest(`"${name}" cannot be the name of an environment variable. Use letters, digits and underscores.`);
  }
  return name;
}
