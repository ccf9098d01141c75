// Writes docs/openapi.json from the table of operations: `npm run openapi`. A test fails when the file is not as it would be written.
import { writeFileSync } from "node:fs";
import { openApiText } from "../packages/server/src/http/openapi.ts";

const file = new URL("../docs/openapi.json", import.meta.url);
writeFileSync(file, openApiText());
console.log("docs/openapi.json is written.");
