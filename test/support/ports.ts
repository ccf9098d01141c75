export { freePort } from "../../packages/compute/src/testing/ports.ts";
