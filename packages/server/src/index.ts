export { createServer, type RunningServer, type ServerOptions } from "./createServer.ts";
export { defaultHome } from "./home/home.ts";
export { HomeInUse } from "./home/lock.ts";
export { readServerFile, type ServerFile } from "./home/serverFile.ts";
