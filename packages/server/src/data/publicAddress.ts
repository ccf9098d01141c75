import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Forbidden } from "@switchyard/protocol";

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ...([["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12]] as const), // biome-ignore format: a table
  ...([["192.168.0.0", 16], ["192.0.0.0", 24], ["198.18.0.0", 15], ["224.0.0.0", 4], ["240.0.0.0", 4]] as const), // biome-ignore format: a table
]) {
  PRIVATE.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [["::", 127], ["fc00::", 7], ["fe80::", 10], ["ff00::", 8], ["64:ff9b::", 96]] as const) PRIVATE.addSubnet(net, bits, "ipv6"); // biome-ignore format: a table

/** Whether an address belongs to this machine or a network of its own, where a dataset has no business. */
export function isPrivate(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPrivate(mapped);
  return PRIVATE.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Throws for a host that is such an address itself; names are looked at when they are resolved. */
export function requirePublic(host: string): void {
  const bare = host.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0 && isPrivate(bare)) throw refusal(bare);
}

/** Resolves names as usual, and refuses those that lead to such an address. */
export const lookUpPublic: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, "", 0);
    const found = addresses.find(({ address }) => isPrivate(address));
    const [first] = addresses;
    if (found !== undefined || first === undefined) return done(refusal(`${host} (${found?.address})`), "", 0);
    if (options.all) return done(null, addresses);
    return done(null, first.address, first.family);
  });
};

const refusal = (host: string): Forbidden =>
  new Forbidden(
    `${host} is an address of this machine or of its own network, from which the server reads no data. Its operator can allow it with the setting dataMirrors.`,
  );
