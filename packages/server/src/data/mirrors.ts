/** Addresses in place of others: a prefix, and what stands for it. An operator says so; it may be `folder:/path`. */
export type Mirrors = Readonly<Record<string, string>>;

/** Where an address is really read. `trusted`: the operator named the place, so it may be anywhere. */
export interface Place {
  readonly address: string;
  readonly trusted: boolean;
}

/** The place of an address: that of its longest prefix among the mirrors, or the address itself. */
export function placeOf(address: string, mirrors: Mirrors): Place {
  const prefixes = Object.keys(mirrors).filter((prefix) => address.startsWith(prefix));
  const [prefix] = prefixes.sort((a, b) => b.length - a.length);
  if (prefix === undefined) return { address, trusted: false };
  return { address: (mirrors[prefix] as string) + address.slice(prefix.length), trusted: true };
}
