import { randomInt } from "node:crypto";

const MANNERS = ["brisk", "calm", "bright", "steady", "quiet", "swift", "bold", "gentle", "keen", "sunny", "early", "patient"] as const;
const THINGS = [
  "signal",
  "platform",
  "junction",
  "lantern",
  "viaduct",
  "siding",
  "harbour",
  "tender",
  "whistle",
  "depot",
  "tunnel",
  "boiler",
] as const;

/** A name for a run whose client gave none. */
export function randomRunName(): string {
  return `${MANNERS[randomInt(MANNERS.length)]}-${THINGS[randomInt(THINGS.length)]}-${randomInt(1000)}`;
}
