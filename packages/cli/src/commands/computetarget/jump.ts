import type { SshSettings } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";

type Hop = NonNullable<SshSettings["jump"]>[number];

const DEFAULT_PORT = 22;

/** Machines to go through, each `USER@HOST[:PORT]`; an IPv6 address with a port stands in brackets. */
export function readJumps(option: string, typed: readonly string[]): Hop[] | undefined {
  if (typed.length === 0) return undefined;
  return typed.flatMap((text) => text.split(",")).map((text) => readHop(option, text.trim()));
}

function readHop(option: string, text: string): Hop {
  const match = /^([^@\s]+)@(?:\[([^\]\s]+)\](?::(\d+))?|([^:\s[\]]+)(?::(\d+))?|([0-9A-Fa-f:]+))$/.exec(text);
  const sshPort = Number(match?.[3] ?? match?.[5] ?? DEFAULT_PORT);
  if (!match || sshPort < 1 || sshPort > 65_535) {
    throw new BadRequest(`Option ${option}: "${text}" is not USER@HOST or USER@HOST:PORT.`);
  }
  return { username: match[1]!, address: (match[2] ?? match[4] ?? match[6])!, sshPort };
}
