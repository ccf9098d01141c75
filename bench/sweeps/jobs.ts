import type { JsonValue } from "@switchyard/protocol";
import type { BenchParameter } from "./functions.ts";
import { PythonProcess } from "./python.ts";
import type { Task } from "./quality.ts";

/** A real training job: values in, the validation loss after each epoch out. */
export interface Job {
  readonly name: string;
  readonly parameters: readonly BenchParameter[];
  train(values: readonly JsonValue[]): Promise<readonly number[]>;
}

export class Jobs {
  readonly #python = new PythonProcess("jobs.py");

  async all(): Promise<Job[]> {
    const described = await this.#python.ask<Omit<Job, "train">[]>({ describe: true });
    return described.map((job) => ({
      ...job,
      train: async (values) => (await this.#python.ask<{ curve: number[] }>({ job: job.name, values })).curve,
    }));
  }

  close(): void {
    this.#python.close();
  }
}

/** The job as a function of its values: the best validation loss of any epoch. What is possible nobody knows. */
export function taskOfJob(job: Job): Task {
  return { name: job.name, parameters: job.parameters, minimum: null, score: async (values) => Math.min(...(await job.train(values))) };
}
