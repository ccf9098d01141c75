import { type JsonObject, normaliseRunConfiguration, REGISTRY_PASSWORD_SECRET, usesDocker } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";

/** Secrets by the names under which a bundle carries them. */
type Secrets = Readonly<Record<string, string>>;

/** What stands in a stored run configuration where a secret was. */
const MASK = "***";
const ownerOf = (runId: string) => `run ${runId}`;

/** The secrets that a submission holds and its run will need; none when the server cannot keep them. */
export function secretsGiven({ vault }: EngineContext, given: JsonObject): Secrets {
  const configuration = normaliseRunConfiguration(given);
  const { password } = configuration.environment.docker.baseImageRegistry;
  if (vault === null || !usesDocker(configuration) || !password || password === MASK) return {};
  return { [REGISTRY_PASSWORD_SECRET]: password };
}

/** The secrets as the run's row may hold them: sealed for this run alone. */
export async function sealSecrets({ vault }: EngineContext, secrets: Secrets, runId: string): Promise<string | null> {
  return vault === null || Object.keys(secrets).length === 0 ? null : vault.seal(secrets, ownerOf(runId));
}

export function openSecrets({ vault }: EngineContext, run: RunRecord): Secrets {
  return run.sealedSecrets === null || vault === null ? {} : vault.open<Secrets>(run.sealedSecrets, ownerOf(run.id));
}
