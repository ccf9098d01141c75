import { randomBytes } from "node:crypto";
import { chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const USER = "trainer";
export const SSH_PORT = 22;
const UID = 21013;

export interface SshHostOptions {
  /** the account's login shell; default /bin/sh */
  readonly shell?: string;
  /** what commands find: only these programs, as names in /usr/bin or absolute paths; default: all */
  readonly tools?: readonly string[] | ((name: string) => boolean);
  /** only busybox, under the names that it has, without these */
  readonly busyboxWithout?: readonly string[];
  /** lines for sshd_config */
  readonly config?: readonly string[];
  /** variables of every command */
  readonly environment?: Readonly<Record<string, string>>;
  /** `full`: not a byte is free; `small`: 8 MiB; `read-only`: it cannot be written */
  readonly home?: "full" | "small" | "read-only";
  /** files of the account's home, by name */
  readonly files?: Readonly<Record<string, string>>;
}

/** Where the files of a machine are. */
interface MachineFiles {
  readonly name: string;
  readonly folder: string;
  /** the account's home as it is seen from here */
  readonly home: string;
  readonly authorizedKeys: string;
}

/** Writes what a machine starts from: its account, its programs, `sshd_config` and `boot.sh`. */
export function writeMachine(machine: MachineFiles, options: SshHostOptions): void {
  writeAccount(machine, options);
  writeTools(machine.folder, options);
  writeFileSync(join(machine.folder, "sshd_config"), sshdConfig(machine, options));
  writeFileSync(join(machine.folder, "boot.sh"), bootScript(machine, options));
}

function writeAccount({ folder, home }: MachineFiles, { shell = "/bin/sh", files = {} }: SshHostOptions): void {
  const account = `${USER}:x:${UID}:${UID}:Lab:/home/${USER}:${shell}\n`;
  writeFileSync(join(folder, "passwd"), readFileSync("/etc/passwd", "utf8") + account);
  writeFileSync(join(folder, "group"), `${readFileSync("/etc/group", "utf8")}${USER}:x:${UID}:\n`);
  // `openssl passwd -6` of the lab's password
  const hash = "$6$lab$cs0I/BMtzDCgrGV9zreJiPAfNFaLblLpHg7IFIKd8OiYIuY24m3pi1vM9mfPlsHuTcGIo43hajoJ7NUUuaCTF/";
  writeFileSync(join(folder, "shadow"), `${readFileSync("/etc/shadow", "utf8")}${USER}:${hash}:19000:0:99999:7:::\n`, {
    mode: 0o600,
  });
  // its own name is added at its start; Java, for one, wants to find that
  copyFileSync("/etc/hosts", join(folder, "hosts"));
  writeFileSync(join(folder, "machine-id"), `${randomBytes(16).toString("hex")}\n`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  chownSync(home, UID, UID);
}

const pathOf = (folder: string, { tools, busyboxWithout }: SshHostOptions): string =>
  tools === undefined && busyboxWithout === undefined ? "/usr/local/bin:/usr/bin:/bin" : join(folder, "bin");

function writeTools(folder: string, { tools, busyboxWithout }: SshHostOptions): void {
  const bin = join(folder, "bin");
  if (tools === undefined && busyboxWithout === undefined) return;
  mkdirSync(bin);
  if (busyboxWithout !== undefined) {
    copyFileSync("/bin/busybox", join(bin, "busybox"));
    return;
  }
  const isWanted = typeof tools === "function" ? tools : (name: string) => (tools ?? []).includes(name);
  for (const name of readdirSync("/usr/bin")) if (isWanted(name)) symlinkSync(`/usr/bin/${name}`, join(bin, name));
}

function sshdConfig({ folder, authorizedKeys }: MachineFiles, options: SshHostOptions): string {
  const { config = [], environment = {} } = options;
  const variables = Object.entries({ PATH: pathOf(folder, options), ...environment }).map(([name, value]) => `${name}="${value}"`);
  return `${[
    ...config, // of several values the first one counts
    `ListenAddress 0.0.0.0:${SSH_PORT}`,
    `HostKey ${join(folder, "host_key")}`,
    `AuthorizedKeysFile ${authorizedKeys}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication yes",
    "KbdInteractiveAuthentication no",
    "UseDNS no",
    "PidFile none",
    "MaxStartups 100",
    `SetEnv ${variables.join(" ")}`,
  ].join("\n")}\n`;
}

/** Runs in the machine's own namespaces: whatever is mounted here, nobody else sees. */
function bootScript(machine: MachineFiles, options: SshHostOptions): string {
  const { name, folder } = machine;
  const mounts = ["passwd", "group", "shadow", "machine-id", "hosts"].map((file) => `mount --bind ${join(folder, file)} /etc/${file}`);
  const home = `/home/${USER}`;
  return `set -e
hostname ${name}
ip link set lo up
[ -e /etc/machine-id ] || : >/etc/machine-id
echo "$(ip -4 -o addr show dev eth0 | sed 's|.*inet \\([^/]*\\).*|\\1|') ${name}" >>${join(folder, "hosts")}
${mounts.join("\n")}
mount -t tmpfs tmpfs /home
mkdir ${home}
${mountHome(machine, home, options.home)}
${options.busyboxWithout === undefined ? "" : installBusybox(join(folder, "bin"), options.busyboxWithout)}
exec /usr/sbin/sshd -D -e -f ${join(folder, "sshd_config")}
`;
}

const installBusybox = (bin: string, without: readonly string[]) =>
  `[ -e ${join(bin, "ls")} ] || { ${join(bin, "busybox")} --install -s ${bin}; cd ${bin}; rm -f ${["nonesuch", ...without].join(" ")}; }`;

function mountHome({ home: source }: MachineFiles, home: string, size: SshHostOptions["home"]): string {
  const tmpfs = (room: string) => `mount -t tmpfs -o size=${room},uid=${UID},gid=${UID} tmpfs ${home}`;
  const bind = `mount --bind ${source} ${home}`;
  switch (size) {
    case "full":
      return `${tmpfs("64k")}; dd if=/dev/zero of=${home}/filler bs=1024 count=1000 2>/dev/null || :`;
    case "small":
      return tmpfs("8m");
    case "read-only":
      return `${bind}; mount -o remount,bind,ro ${home}`;
    default:
      return bind;
  }
}
