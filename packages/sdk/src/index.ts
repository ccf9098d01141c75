export { type ClientOptions, SwitchyardClient } from "./client.ts";
export type { ArgumentsOf, BytesBody, CallOptions, OperationMethods, ResponseOf } from "./methods.ts";
export { WATCHING_AWAY_SECONDS } from "./retry.ts";
export type { ChangeStreamEvent, LogStreamEvent } from "./streams.ts";
export { nodesReady, TARGET_WAIT_SECONDS, type TargetWaitInput } from "./waitForTarget.ts";
