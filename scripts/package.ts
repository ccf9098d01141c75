// `npm run package`: builds and packs the one tarball that people install; prints its path.
import { spawnSync } from "node:child_process";
import { buildPackage, DIST, VERSION } from "./build.ts";

await buildPackage(VERSION);
const packed = spawnSync("npm", ["pack", `./${DIST}`, "--pack-destination", "dist", "--json", "--loglevel=error"], { encoding: "utf8" });
if (packed.status !== 0) {
  console.error(packed.stderr);
  process.exit(1);
}
// With ./ in front: npm takes "dist/name.tgz" for a repository of that name.
console.log(`./dist/switchyard-${VERSION}.tgz`);
