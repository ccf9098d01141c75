import type { ToolkitSource } from "@switchyard/compute";
import { createSshDriver, createSshSite, probeSsh, type SshSettings } from "@switchyard/compute/ssh";
import { BadRequest, ComputeUnreachable, type JsonObject, type RemoteSettings, type SshSecret } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";
import { sshAuth, sshLogin } from "../sshLogin.ts";

/** Runs at once for each core of the machine, unless a person says otherwise: as many as on this one. */
const RUNS_PER_CORE = 4;

/** A machine that somebody owns, reached over SSH: nothing is installed there, and it outlives us. */
export function remoteMachine(tools: ToolkitSource, serverUrl: () => string): KindOfCompute {
  return {
    resourceOf: (settings) => {
      const { username, address, sshPort } = settings as unknown as RemoteSettings;
      return `ssh://${username}@${address.toLowerCase()}:${sshPort}`;
    },
    check: (_settings, secret) => void sshAuth(secret as SshSecret),
    async provision(record, secret, signal) {
      const settings = loginOf(record, secret);
      const { hostKey, health, siteId } = await probeSsh(settings, tools, signal);
      if (!health.ok) throw new ComputeUnreachable(health.because);
      const cores = await countCores({ ...settings, hostKey }, tools, signal);
      return { hostKey, siteId, cores, note: health.note ?? null };
    },
    driver: (record, secret, name) => createSshDriver(loginOf(record, secret), { ...tools, serverUrl: serverUrl() }, name),
    place: ({ settings, facts }) => ({
      maxConcurrentRuns: Number(settings.maxConcurrentRuns ?? RUNS_PER_CORE * Number(facts.cores ?? 1)),
      maxNodes: 1,
    }),
    status: ({ facts }) => ({ hostKey: facts.hostKey ?? null, cores: facts.cores ?? null, note: facts.note ?? null }),
    update(settings, { maxConcurrentRuns, ...others }) {
      const [other] = Object.keys(others);
      if (other !== undefined)
        throw new BadRequest(
          `"${other}" is a setting of clusters. Of a machine only maxConcurrentRuns can be changed; attach it anew for the rest.`,
        );
      return { ...settings, maxConcurrentRuns: maxConcurrentRuns ?? null };
    },
  };
}

const loginOf = ({ settings, facts }: ComputeRecord, secret: JsonObject): SshSettings =>
  sshLogin(settings as unknown as RemoteSettings, secret as SshSecret, facts.hostKey);

async function countCores(settings: SshSettings, tools: ToolkitSource, signal: AbortSignal): Promise<number> {
  const { stdout } = await createSshSite(settings, tools).run(["sh", "-c", "nproc 2>/dev/null || getconf _NPROCESSORS_ONLN"], signal);
  return Number(stdout.trim()) || 1;
}
