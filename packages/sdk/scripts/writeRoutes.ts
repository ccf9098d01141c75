/** Writes `src/routes.ts` from the table of operations: `node packages/sdk/scripts/writeRoutes.ts`. */
import { writeFileSync } from "node:fs";
import { renderRoutes } from "./renderRoutes.ts";

writeFileSync(new URL("../src/routes.ts", import.meta.url), renderRoutes());
