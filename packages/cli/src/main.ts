#!/usr/bin/env node
import { run } from "./program.ts";
import { realWorld } from "./world.ts";

/** The executable `switchyard`. */
async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leaveQuietlyWhenNobodyReads);
  const exitCode = await run(process.argv.slice(2), realWorld());
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(exitCode); // open connections would keep the process for seconds
}

/** `switchyard run list | head -1` closes the pipe early; that is no error. */
function leaveQuietlyWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    if (stream.writableLength === 0) done();
    else stream.write("", () => done());
  });
}

await main();
