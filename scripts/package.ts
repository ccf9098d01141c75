// `npm run package`: builds and packs the one tarball that people install; prints its path.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { buildPackage, DIST } from "./build.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
await buildPackage(version);
const packed = spawnSync("npm", ["pack", `./${DIST}`, "--pack-destination", "dist", "--json", "--loglevel=error"], { encoding: "utf8" });
if (packed.status !== 0) {
  console.error(packed.stderr);
  process.exit(1);
}
console.log(`dist/switchyard-${version}.tgz`);
