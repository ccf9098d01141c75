export { type SendOptions, type SentFiles, sendFiles } from "./files/sendFiles.ts";
export { gitProperties } from "./gitProperties.ts";
export { defaultHome } from "./home.ts";
export { type ConnectOptions, connect } from "./server/connect.ts";
export { type FoundServer, findServer, isAlive } from "./server/findServer.ts";
export { serverCommand } from "./server/serverCommand.ts";
export type { UploadProgress } from "./snapshot/progress.ts";
export { type ScannedFile, type ScannedTree, type ScanOptions, type SnapshotScan, scanFolder } from "./snapshot/scanFolder.ts";
export { type UploadOptions, uploadSnapshot } from "./snapshot/uploadSnapshot.ts";
