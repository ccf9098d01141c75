import type { MlflowRun } from "./words.ts";

/** A run's link with a logged model: the run by its id here, the model by its id at the source. */
export interface Link {
  readonly runId: string;
  readonly direction: "input" | "output";
  readonly from: string;
  readonly step: number;
}

/** What is here, by its id at the source, of all experiments of one import; and what is still owed. */
export class Here {
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, string>();
  readonly models = new Map<string, string>();
  /** runs, by their ids here, that nobody can log to: they are deleted */
  readonly deletedRuns = new Set<string>();
  /** runs, by their ids here, to be deleted when all else is done */
  readonly runsToDelete: string[] = [];
  /** experiments, by their ids here, to be deleted when all else is done */
  readonly experimentsToDelete: string[] = [];
  readonly links: Link[] = [];
  readonly #linked = new Set<string>();

  /** Notes which logged models a run read and made there. */
  noteLinks(runId: string, { inputs, outputs }: MlflowRun): void {
    for (const { model_id: from } of inputs?.model_inputs ?? []) this.links.push({ runId, direction: "input", from, step: 0 });
    for (const { model_id: from, step } of outputs?.model_outputs ?? [])
      this.links.push({ runId, direction: "output", from, step: Number(step ?? 0) });
  }

  /** Notes which a run that is here has here. */
  noteLinked(run: MlflowRun): void {
    for (const { model_id } of run.inputs?.model_inputs ?? []) this.#linked.add(`${run.info.run_id} input ${model_id}`);
    for (const { model_id } of run.outputs?.model_outputs ?? []) this.#linked.add(`${run.info.run_id} output ${model_id}`);
  }

  isLinked(runId: string, direction: Link["direction"], modelId: string): boolean {
    return this.#linked.has(`${runId} ${direction} ${modelId}`);
  }
}
