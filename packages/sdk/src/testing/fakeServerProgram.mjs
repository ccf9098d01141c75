// A program for tests that starts as Switchyard's server does: one per home, a file and a token when it listens.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const home = process.argv[process.argv.indexOf("--home") + 1];
const mode = process.env.FAKE_SERVER ?? "good";
if (mode === "fails") {
  console.error("first line\nconfig.json: port must be a number");
  process.exit(2);
}
try {
  mkdirSync(join(home, "lock"));
} catch {
  console.error("another server serves this home");
  process.exit(3);
}
const server = createServer((request, response) => {
  if (request.url === "/stop") {
    rmSync(join(home, "server.json"), { force: true });
    rmSync(join(home, "lock"), { recursive: true });
    response.end(() => process.exit(0));
  } else response.end(JSON.stringify({ args: process.argv.slice(2), authorization: request.headers.authorization, pid: process.pid }));
});
server.listen(0, "127.0.0.1", () => {
  writeFileSync(join(home, "token"), "sy_token\n", { mode: 0o600 });
  const url = `http://127.0.0.1:${server.address().port}`;
  writeFileSync(
    join(home, "server.json"),
    JSON.stringify({
      pid: process.pid,
      url,
      version: process.env.FAKE_SERVER_VERSION ?? "0.1.0",
      instance: "i",
      startedUtc: new Date().toISOString(),
    }),
  );
  console.log(JSON.stringify({ url, pid: process.pid }));
});
