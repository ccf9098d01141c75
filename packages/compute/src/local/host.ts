import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Which machine this is. The name is for people; the id stays when the name changes, as that of a laptop does. */
export interface HostIdentity {
  readonly name: string;
  readonly id: string;
}

export function readHostIdentity(): HostIdentity {
  const name = hostname();
  return { name, id: readMachineId() ?? name };
}

function readMachineId(): string | null {
  for (const file of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
    try {
      const id = readFileSync(file, "utf8").trim();
      if (id !== "") return id;
    } catch {
      // the next one
    }
  }
  if (process.platform !== "darwin") return null;
  try {
    return execFileSync("sysctl", ["-n", "kern.uuid"], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}
