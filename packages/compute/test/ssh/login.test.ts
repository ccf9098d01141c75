import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { probeSsh, type SshReason, type SshSettings } from "@switchyard/compute/ssh";
import { SshLab, until } from "@switchyard/compute/testing";
import { ComputeUnreachable } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TOOLS } from "../localLab.ts";

let lab: SshLab;
beforeAll(async () => {
  lab = await SshLab.start(1);
});
afterAll(() => lab?.close());

const signal = () => AbortSignal.timeout(100_000);
const settings = (changes: Partial<SshSettings> = {}) => ({ ...lab.host.settings(), ...changes });

/** Expects the log-in to fail for this reason, in words that name host and user, and say what to do. */
async function expectFailure(changed: SshSettings, reason: SshReason, ...words: RegExp[]): Promise<void> {
  const error = await probeSsh(changed, TOOLS, signal()).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ComputeUnreachable);
  const { message, details } = error as ComputeUnreachable;
  expect(details.reason, message).toBe(reason);
  for (const word of words) expect(message).toMatch(word);
  expect(message).not.toContain("s3cret-word");
}

describe("logging in", () => {
  it.each(["password", "key", "encrypted key"] as const)("works with a %s, and says which host key was shown", async (kind) => {
    const { hostKey, health } = await probeSsh(settings({ auth: lab.auth(kind), hostKey: null }), TOOLS, signal());
    expect(health).toMatchObject({ ok: true });
    expect(hostKey).toMatch(/^ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/);
    expect(await probeSsh(settings({ hostKey }), TOOLS, signal())).toMatchObject({ hostKey });
  });

  it("works with the keys of an SSH agent", async () => {
    const socket = join(lab.folder, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    try {
      await until("the agent listens", () => existsSync(socket));
      await expectFailure(settings({ auth: { kind: "agent", socket } }), "wrong_key", /ssh-add/);
      execFileSync("ssh-add", ["-q", join(lab.folder, "id")], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
      expect(await probeSsh(settings({ auth: { kind: "agent", socket } }), TOOLS, signal())).toMatchObject({ health: { ok: true } });
    } finally {
      agent.kill();
    }
  });

  it("says that the password is wrong", () =>
    expectFailure(settings({ auth: { kind: "password", password: "guess" } }), "wrong_password", /trainer@10\./, /password/));

  it("says that the account is unknown as it says that the password is wrong", () =>
    expectFailure(settings({ auth: lab.auth("password"), username: "nobody-here" }), "wrong_password", /nobody-here@/, /user name/));

  it("says that the key is not known there", () =>
    expectFailure(settings({ auth: lab.auth("stranger's key") }), "wrong_key", /ssh-ed25519/, /authorized_keys/));

  it("says that a key is encrypted, and that a passphrase is wrong", async () => {
    const auth = lab.auth("encrypted key") as { kind: "key"; privateKey: string; passphrase: string };
    await expectFailure(settings({ auth: { ...auth, passphrase: null as unknown as string } }), "key_encrypted", /passphrase/);
    await expectFailure(settings({ auth: { ...auth, passphrase: "wrong one" } }), "wrong_passphrase", /passphrase/);
  });

  it("says that something else was given for a private key", async () => {
    const publicKey = execFileSync("cat", [join(lab.folder, "id.pub")], { encoding: "utf8" });
    await expectFailure(settings({ auth: { kind: "key", privateKey: publicKey, passphrase: null } }), "key_unreadable", /public key/);
    await expectFailure(settings({ auth: { kind: "key", privateKey: "hello", passphrase: null } }), "key_unreadable", /OpenSSH or PEM/);
  });

  it("says that there is no agent", () =>
    expectFailure(settings({ auth: { kind: "agent", socket: join(lab.folder, "no-agent") } }), "no_agent", /agent/));

  it("says that a name, a port or a machine is not there", async () => {
    await expectFailure(settings({ address: "no-such-host.invalid" }), "name_not_found", /no-such-host\.invalid/);
    await expectFailure(settings({ port: 23 }), "refused", /port 23/);
  });

  it("says what it needs when passwords are not taken", async () => {
    const host = await lab.add({ config: ["PasswordAuthentication no"] });
    await expectFailure(host.settings(lab.auth("password")), "password_not_taken", /publickey/, /private key/);
  });

  it("says that a second proof is asked for", async () => {
    const host = await lab.add({ config: ["AuthenticationMethods publickey,password"] });
    await expectFailure(host.settings(), "second_factor", /second proof/);
  });

  it("refuses a host key other than the noted one, and names both", async () => {
    const host = await lab.add();
    const noted = host.hostKey;
    const { hostKey } = await probeSsh(host.settings(), TOOLS, signal());
    await host.changeHostKey();
    await expectFailure(
      host.settings(undefined, { hostKey: noted }),
      "host_key_changed",
      new RegExp(hostKey.slice(-43).replaceAll(/[+/]/g, "\\$&")),
      /detach and attach/,
    );
    expect(await probeSsh(host.settings(), TOOLS, signal())).toMatchObject({ health: { ok: true } });
  });

  it("asks for the kind of key that was noted when the server has several", async () => {
    const key = join(lab.folder, "ecdsa");
    execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", "", "-f", key]);
    const host = await lab.add({ config: [`HostKey ${key}`] });
    expect(await probeSsh(host.settings(), TOOLS, signal())).toMatchObject({ hostKey: expect.stringMatching(/^ssh-ed25519/) });
    const noted = execFileSync("ssh-keygen", ["-lf", `${key}.pub`], { encoding: "utf8" }).split(" ")[1] ?? "";
    const settings = host.settings(undefined, { hostKey: `ecdsa-sha2-nistp256 ${noted}` });
    expect(await probeSsh(settings, TOOLS, signal())).toMatchObject({ hostKey: `ecdsa-sha2-nistp256 ${noted}` });
  });

  it("goes through other servers", async () => {
    const [second, inner] = [await lab.add(), await lab.add()];
    const secondAt = await lab.host.wireTo(second);
    const innerAt = await second.wireTo(inner);
    const jump = [lab.host.server(), { ...second.server(lab.auth("password")), address: secondAt }];
    const through = { ...inner.settings(), address: innerAt, jump };
    expect(await probeSsh(through, TOOLS, signal())).toMatchObject({ health: { ok: true } });
    const stranger = { ...second.server(lab.auth("stranger's key")), address: secondAt };
    await expectFailure({ ...through, jump: [lab.host.server(), stranger] }, "wrong_key", new RegExp(secondAt));
    await expectFailure({ ...through, port: 23 }, "no_route", new RegExp(`${innerAt}, port 23`));
  });

  it("says that the account may not run commands", async () => {
    const host = await lab.add({ shell: "/usr/sbin/nologin" });
    const { health } = await probeSsh(host.settings(), TOOLS, signal());
    expect(health).toMatchObject({ ok: false, because: expect.stringMatching(/not available.*login shell/) });
  });

  it("is not disturbed by a banner and start-up files that print", async () => {
    const banner = join(lab.folder, "banner");
    execFileSync("sh", ["-c", `yes 'Authorised people only. switchyard-' | head -n 200 > ${banner}`]);
    const noise = "echo Welcome; printf 'no line end'; echo to stderr >&2; echo switchyard-0123\n";
    const host = await lab.add({ shell: "/bin/bash", config: [`Banner ${banner}`], files: { ".bashrc": noise, ".profile": noise } });
    expect(await probeSsh(host.settings(), TOOLS, signal())).toMatchObject({ health: { ok: true } });
  });

  it("is told once and not asked again at once when it was refused", async () => {
    const { createSshDriver } = await import("@switchyard/compute/ssh");
    let tries = 0;
    const relay = createServer((socket) => {
      tries += 1;
      const onward = connect(lab.host.port, lab.host.address);
      for (const end of [socket, onward]) end.on("error", () => {});
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const { port } = relay.address() as AddressInfo;
    const guess = { kind: "password", password: "guess" } as const;
    const driver = createSshDriver(settings({ address: "127.0.0.1", port, auth: guess }), TOOLS);
    const first = await driver.check(signal());
    expect(first).toMatchObject({ ok: false, because: expect.stringContaining("password") });
    for (let times = 0; times < 20; times += 1) expect(await driver.check(signal())).toEqual(first);
    expect(tries).toBe(1);
    relay.close();
  });
});
