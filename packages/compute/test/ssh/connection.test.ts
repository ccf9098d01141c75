import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { SshLab } from "@switchyard/compute/testing";
import { ComputeUnreachable } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { SshConnection } from "../../src/ssh/connection.ts";

let lab: SshLab;
let relay: DeafRelay | undefined;
beforeAll(async () => {
  lab = await SshLab.start(1);
});
afterEach(() => relay?.close());
afterAll(() => lab?.close());

const signal = () => AbortSignal.timeout(30_000);

/** Stands between us and the machine. A connection that it goes deaf on takes no byte and no farewell any more, and is never closed. */
class DeafRelay {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();

  private constructor(address: string, port: number) {
    this.#server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect(port, address);
      for (const end of [near, far]) this.#ends.add(end.on("error", () => {}));
      near.pipe(far).pipe(near);
    });
  }

  static async to({ address, port }: { address: string; port: number }): Promise<DeafRelay> {
    const made = new DeafRelay(address, port);
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Goes deaf on all connections that there are; `lastWords` are what our side still hears. */
  goDeaf(lastWords: Buffer): void {
    for (const end of this.#ends) {
      end.unpipe();
      if (end.localPort === this.port) end.write(lastWords);
      end.pause();
    }
  }

  close(): void {
    for (const end of this.#ends) end.destroy();
    this.#server.close();
  }
}

async function run(connection: SshConnection): Promise<number | null | undefined> {
  const { channel, exit } = await connection.open("exit 7", signal());
  channel.resume();
  channel.stderr.resume();
  return (await exit)?.code;
}

it.each([
  ["says nothing any more", Buffer.alloc(0)],
  ["says what is not SSH, and answers no farewell", Buffer.alloc(64, 0xff)],
])("connects again after a connection that %s", async (_what, lastWords) => {
  relay = await DeafRelay.to(lab.host);
  const connection = new SshConnection({ ...lab.host.server(), address: "127.0.0.1", port: relay.port }, []);
  expect(await run(connection)).toBe(7);
  relay.goDeaf(lastWords);
  // the first questions may still be put over the dead connection: each says that it was lost, and the next ones are answered
  let answer: number | null | undefined;
  for (const patience = signal(); answer !== 7; ) {
    patience.throwIfAborted();
    answer = await run(connection).catch((error: unknown) => {
      expect(error).toBeInstanceOf(ComputeUnreachable);
      return undefined;
    });
  }
  expect(connection.count).toBe(2);
  connection.close();
});
