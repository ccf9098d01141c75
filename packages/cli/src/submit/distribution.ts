import type { JsonObject } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import type { SubmitContext } from "./submit.ts";

type Asked = Pick<SubmitContext["flags"], "nodeCount" | "communicator" | "processCountPerNode">;

/** What the command line says about nodes and processes, over the run configuration `base` in its wire form. */
export function distributionFrom({ nodeCount, communicator, processCountPerNode }: Asked, base: JsonObject): JsonObject {
  for (const [option, value] of [
    ["--node-count", nodeCount],
    ["--process-count-per-node", processCountPerNode],
  ] as const) {
    if (value === 0) throw new BadRequest(`Option ${option}: a run needs at least one.`);
  }
  return {
    ...(nodeCount === undefined ? {} : { nodeCount }),
    ...(communicator === undefined ? {} : { communicator }),
    ...processesFrom(
      communicator ?? (typeof base.communicator === "string" ? base.communicator : "None"),
      nodeCount ?? (typeof base.nodeCount === "number" ? base.nodeCount : 1),
      processCountPerNode,
      base,
    ),
  };
}

/** MPI counts its processes by the node, PyTorch's communicators count all of them (spec 01 §3 and §8). */
function processesFrom(communicator: string, nodes: number, perNode: number | undefined, base: JsonObject): JsonObject {
  const word = communicator.toLowerCase();
  if (word.endsWith("mpi")) {
    const mpi = base.mpi as JsonObject | undefined;
    return { mpi: { ...mpi, ...(perNode === undefined ? {} : { processCountPerNode: perNode }) } }; // the section must be there
  }
  if (perNode === undefined) return {};
  if (word === "gloo" || word === "nccl") {
    const pyTorch = base.pyTorch as JsonObject | undefined;
    return { pyTorch: { ...pyTorch, communicationBackend: word, processCount: perNode * nodes } };
  }
  if (perNode === 1) return {};
  const what = word === "none" ? "no communicator" : `the communicator ${communicator}`;
  throw new BadRequest(`Option --process-count-per-node: with ${what} there is one process. Add --communicator mpi, gloo or nccl.`);
}
