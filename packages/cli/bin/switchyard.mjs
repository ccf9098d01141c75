#!/usr/bin/env node
// The executable of the package. It must be readable by any Node, to tell an old one what to do instead of crashing.
import fs from "node:fs";
import module from "node:module";

var bundle = new URL("../dist/cli.js", import.meta.url);
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 13)) {
  console.error(
    "switchyard needs Node 22.13 or newer and this is Node " +
      process.versions.node +
      ": install a newer one from nodejs.org, or run `npx --package node@24 switchyard`.",
  );
  process.exit(1);
} else {
  if (module.enableCompileCache) module.enableCompileCache();
  import(fs.existsSync(bundle) ? bundle : new URL("../src/main.ts", import.meta.url));
}
