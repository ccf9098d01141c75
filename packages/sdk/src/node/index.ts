export { gitProperties } from "./gitProperties.ts";
export { defaultHome } from "./home.ts";
export { type ConnectOptions, connect } from "./server/connect.ts";
export { type FoundServer, findServer } from "./server/findServer.ts";
export { serverCommand } from "./server/serverCommand.ts";
export { type ScannedFile, type ScannedTree, type ScanOptions, type SnapshotScan, scanFolder } from "./snapshot/scanFolder.ts";
export { type UploadOptions, type UploadProgress, uploadSnapshot } from "./snapshot/uploadSnapshot.ts";
