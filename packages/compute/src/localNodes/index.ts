export { LocalNodeProvider, type LocalNodesOptions } from "./localNodeProvider.ts";
