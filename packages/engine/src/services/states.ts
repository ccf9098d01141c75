// What becomes of a service, given what was seen of it. Does no I/O.
import type { Observation } from "@switchyard/compute";
import type { JsonObject, ServiceError, ServingTold } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";

/** Starts in a row that come to nothing before a service that was healthy once is given up. */
const MOST_FAILURES = 6;
/** A service that lived for so long died of something new. */
const STEADY_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;

/** What a look at its job brought. `answers` null: nobody asked. */
export interface SeenService {
  readonly observation: Observation;
  readonly told: readonly ServingTold[];
  readonly answers: boolean | null;
}

/** The service with a job of its own again; its logs are kept apart from those of earlier starts. */
export function beginStart(service: ServiceRecord): ServiceRecord {
  const starts = service.starts + 1;
  return {
    ...service,
    starts,
    jobId: jobIdOf(service.id, starts),
    handle: null,
    cursors: [],
    retryAt: null,
    error: null,
    healthySince: null,
  };
}

const jobIdOf = (serviceId: string, start: number): string => `${serviceId}~${start}`;

/** The service without the job that carried it, which has yet to be ended. */
export function leaveJob(service: ServiceRecord): ServiceRecord {
  if (service.jobId === null) return service;
  const job = { jobId: service.jobId, handle: service.handle };
  return { ...service, jobId: null, handle: null, healthySince: null, left: [...service.left, job] };
}

/** The service as it begins anew: with another definition, or because somebody asks. */
export function beginAnew(service: ServiceRecord, now: Date): ServiceRecord {
  const fresh = { state: "Transitioning", error: null, wasHealthy: false, failures: 0, retryAt: null, modifiedAt: now } as const;
  return { ...leaveJob(service), ...fresh };
}

/** The service of which somebody said that it shall go. */
export const afterDeleted = (service: ServiceRecord, now: Date): ServiceRecord => ({ ...leaveJob(service), deletedAt: now });

export const placed = (service: ServiceRecord, handle: JsonObject): ServiceRecord => ({ ...service, handle });

/** A start that will not succeed by being tried again. */
export function giveUp(service: ServiceRecord, error: ServiceError, now: Date): ServiceRecord {
  return { ...leaveJob(service), state: "Failed", error, modifiedAt: now };
}

/** What we now believe about a service. */
export function afterLooking(service: ServiceRecord, { observation, told, answers }: SeenService, now: Date): ServiceRecord {
  const heard = told.reduce((so, line) => afterHearing(so, line, now), service);
  switch (observation.phase) {
    case "waiting":
      return heard;
    case "running":
      return afterAsking(heard, answers, now);
    case "exited":
    case "missing":
      return afterEnd(heard, errorOf(heard, observation), now);
  }
}

function afterHearing(service: ServiceRecord, line: ServingTold, now: Date): ServiceRecord {
  switch (line.kind) {
    case "listening":
      return line.port === service.port ? service : { ...service, port: line.port };
    case "ready":
      return { ...service, state: "Healthy", error: null, wasHealthy: true, healthySince: now, modifiedAt: now };
    case "failed":
      return { ...service, error: { code: line.code, message: line.message } }; // its process ends at once
  }
}

const SILENT: ServiceError = { code: "NotResponding", message: "The service does not answer: its liveness probe GET / got no answer." };

function afterAsking(service: ServiceRecord, answers: boolean | null, now: Date): ServiceRecord {
  if (answers === false && service.state === "Healthy") return { ...service, state: "Unhealthy", error: SILENT, modifiedAt: now };
  if (answers === true && service.state === "Unhealthy") return { ...service, state: "Healthy", error: null, modifiedAt: now };
  return service;
}

/** Its processes are gone. What never worked is not tried again: the same would happen. */
function afterEnd(service: ServiceRecord, error: ServiceError, now: Date): ServiceRecord {
  if (!service.wasHealthy) return giveUp(service, error, now);
  const livedMs = service.healthySince === null ? 0 : now.getTime() - service.healthySince.getTime();
  const failures = livedMs > STEADY_MS ? 1 : service.failures + 1;
  if (failures >= MOST_FAILURES) {
    const message = `It ended ${failures} times in a row and is not started again; update or delete it. The last time: ${error.message}`;
    return giveUp(service, { ...error, message }, now);
  }
  const retryAt = new Date(now.getTime() + Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (failures - 1)));
  return { ...leaveJob(service), state: "Transitioning", error, failures, retryAt, modifiedAt: now };
}

/** Why it ended, in words: its own, else those of its supervisor. */
function errorOf({ state, error }: ServiceRecord, observation: Observation): ServiceError {
  if (state === "Transitioning" && error !== null) return error;
  if (observation.phase === "missing") return { code: "JobLost", message: "There is no trace of its process on the machine." };
  const { exitCode = null, because } = observation.phase === "exited" ? observation : {};
  if (because === "environment_failed")
    return { code: "EnvironmentFailed", message: "Its environment could not be prepared; the log has the reason." };
  if (because !== undefined) return { code: wordOf(because), message: `Its process ended (${because}); the log has more.` };
  return { code: "ExitCode", message: `Its process ended with exit code ${exitCode ?? "unknown"}; the log has more.` };
}

/** `container_failed` as people read it: `ContainerFailed`. */
export function wordOf(code: string): string {
  return code.replace(/(?:^|[_ ])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
