import { RUN_STATUSES } from "@switchyard/protocol";
import type { Histogram, Registry } from "prom-client";
import type { RequestWatch } from "./app.ts";

/** What is read when somebody asks for the figures. */
export interface MonitoredFacts {
  runsByStatus(): Promise<Readonly<Record<string, number>>>;
  /** how late the reconciler is with what it should have looked at */
  reconcilerLagSeconds(): number;
}

/** Figures for Prometheus. Its library is loaded after the server listens: starting is what people wait for. */
export class Monitor implements RequestWatch {
  readonly #facts: MonitoredFacts;
  #loading: Promise<Registry> | undefined;
  #durations: Histogram<"operation" | "status"> | undefined;

  constructor(facts: MonitoredFacts) {
    this.#facts = facts;
  }

  answered(operation: string, status: number, seconds: number): void {
    this.#durations?.observe({ operation, status: String(status) }, seconds);
  }

  /** Begins to measure. */
  async start(): Promise<void> {
    await this.#registry();
  }

  /** The text that Prometheus reads. */
  async text(): Promise<string> {
    const registry = await this.#registry();
    return await registry.metrics();
  }

  #registry(): Promise<Registry> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<Registry> {
    // CommonJS: in a bundle only its default export is there
    const { Registry, Gauge, Histogram, collectDefaultMetrics } = (await import("prom-client")).default;
    const registry = new Registry();
    const facts = this.#facts;
    collectDefaultMetrics({ register: registry });
    this.#durations = new Histogram({
      name: "switchyard_http_request_seconds",
      help: "Time from a request to the end of its answer",
      labelNames: ["operation", "status"],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
      registers: [registry],
    });
    new Gauge({
      name: "switchyard_runs",
      help: "Runs by status",
      labelNames: ["status"],
      registers: [registry],
      async collect() {
        const runs = await facts.runsByStatus();
        for (const status of RUN_STATUSES) this.set({ status }, runs[status] ?? 0);
      },
    });
    new Gauge({
      name: "switchyard_reconciler_lag_seconds",
      help: "How late the reconciler is with what it should have looked at",
      registers: [registry],
      collect() {
        this.set(facts.reconcilerLagSeconds());
      },
    });
    return registry;
  }
}
