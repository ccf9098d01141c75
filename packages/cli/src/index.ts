export { type AnyCommand, type Context, defineCommand } from "./command.ts";
export { COMMANDS } from "./commands/index.ts";
export { renderDocs } from "./docs.ts";
export { run } from "./program.ts";
export { realWorld, type World } from "./world.ts";
