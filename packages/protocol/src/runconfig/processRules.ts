import { entryOf } from "./reading/collections.ts";
import type { Position } from "./reading/problem.ts";
import type { RuleCase } from "./rules.ts";

/** Reports processes that cannot be shared out over the nodes as asked (spec 07 §3 and 09 §9). */
export function checkProcesses(facts: RuleCase): void {
  const { communicator } = facts.configuration;
  if (communicator === "Nccl" || communicator === "Gloo") checkProcessCount(facts);
  if (communicator === "ParameterServer") checkTasks(facts);
}

function checkProcessCount({ configuration, given, problems }: RuleCase): void {
  const { nodeCount, pyTorch } = configuration;
  const { processCount } = pyTorch;
  if (processCount === null || processCount % nodeCount === 0) return;
  const fewer = Math.floor(processCount / nodeCount) * nodeCount;
  const near = fewer === 0 ? `${nodeCount}` : `${fewer} or ${fewer + nodeCount}`;
  const message = `${processCount} processes cannot be shared evenly by ${nodeCount} nodes (nodeCount); processCount is the number in all, so try ${near}`;
  problems.error(placeIn(given, "pyTorch", "processCount"), "pyTorch.processCount", message);
}

function checkTasks({ configuration, given, problems }: RuleCase): void {
  const { nodeCount, tensorflow } = configuration;
  const { workerCount, parameterServerCount } = tensorflow;
  if (parameterServerCount > nodeCount) {
    const message = `${parameterServerCount} parameter servers need as many nodes, and nodeCount is ${nodeCount}: a node takes one of them at most`;
    problems.error(placeIn(given, "tensorflow", "parameterServerCount"), "tensorflow.parameterServerCount", message);
  } else if (Math.max(workerCount, parameterServerCount) < nodeCount) {
    const message = `${workerCount} workers leave some of the ${nodeCount} nodes (nodeCount) without one; take as many nodes as workers, or fewer`;
    problems.error(placeIn(given, "tensorflow", "workerCount"), "tensorflow.workerCount", message);
  }
}

function placeIn(given: RuleCase["given"], section: string, key: string): Position | null {
  const found = entryOf(given, section);
  return entryOf(found?.value, key)?.at ?? found?.at ?? given.at;
}
