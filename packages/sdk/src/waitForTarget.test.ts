import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SwitchyardClient } from "./index.ts";
import { sendJson, sendProblem, TinyServer } from "./testing/tinyServer.ts";

const params = { workspace: "default", name: "Cluster" };

describe("waiting for a compute target", () => {
  let server: TinyServer;
  let client: SwitchyardClient;
  /** what the target is now; null: gone */
  let target: object | null;
  let tellOfChange: () => void;
  let streamIsOpen: Promise<void>;

  beforeEach(async () => {
    let opened: () => void;
    streamIsOpen = new Promise((open) => {
      opened = open;
    });
    server = await new TinyServer(({ url }, response) => {
      if (url.endsWith("/events")) {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(`event: open\nid: 1\ndata: {}\n\n`);
        tellOfChange = () => response.write(`event: compute\nid: 2\ndata: ${JSON.stringify({ kind: "compute", names: ["cluster"] })}\n\n`);
        opened();
      } else if (target === null) sendProblem(response, 404, "not_found", "There is no such target.");
      else sendJson(response, target);
    }).start();
    client = new SwitchyardClient({ url: server.url, retry: { forSeconds: 20, firstDelayMs: 5 } });
  });
  afterEach(() => server.stop());

  const looks = () => server.requests.filter(({ url }) => url.includes("/computes/")).length;
  /** Waits for the looks that the opening of the stream brings about. */
  const settled = async () => {
    await streamIsOpen;
    await expect.poll(looks, { timeout: 20_000 }).toBeGreaterThan(1);
  };

  it("ends as soon as the server tells of its success, and tells of every look", async () => {
    target = { provisioningState: "Creating" };
    const seen: string[] = [];
    const waiting = client.waitForTarget({ params, onProgress: ({ provisioningState }) => seen.push(provisioningState) });
    await settled();
    target = { provisioningState: "Succeeded", name: "cluster" };
    tellOfChange();
    expect(await waiting).toEqual(target);
    expect(new Set(seen)).toEqual(new Set(["Creating", "Succeeded"]));
    expect(server.requests[0]!.url).toBe("/api/v1/workspaces/default/computes/Cluster?check=false");
  });

  it("opens no stream for a target that is there, and ends with its failure too", async () => {
    target = { provisioningState: "Failed", provisioningErrors: [{ code: "x", message: "no" }] };
    expect(await client.waitForTarget({ params, minNodeCount: 2 })).toEqual(target);
    expect(server.requests).toHaveLength(1);
  });

  it("waits for the nodes of a cluster when asked", async () => {
    target = { provisioningState: "Succeeded", status: { nodeStateCounts: { idleNodeCount: 1, preparingNodeCount: 1 } } };
    const waiting = client.waitForTarget({ params, minNodeCount: 2 });
    await settled();
    target = { provisioningState: "Succeeded", status: { nodeStateCounts: { idleNodeCount: 1, runningNodeCount: 1 } } };
    tellOfChange();
    expect(await waiting).toEqual(target);
  });

  it("gives back what it last saw when the time is over", async () => {
    target = { provisioningState: "Creating" };
    expect(await client.waitForTarget({ params, timeoutSeconds: 0.05 })).toEqual(target);
  });

  it("ends with null when a target is gone, or another has its name", async () => {
    target = { provisioningState: "Deleting" };
    const waiting = client.waitForTargetGone({ params });
    await settled();
    target = null;
    tellOfChange();
    expect(await waiting).toBeNull();
    target = { provisioningState: "Creating" };
    expect(await client.waitForTargetGone({ params })).toBeNull();
  });

  it("stops at once when it is told to, and passes on what the server refuses", async () => {
    target = { provisioningState: "Creating" };
    const stop = new AbortController();
    const waiting = client.waitForTarget({ params, signal: stop.signal });
    await settled();
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    target = null;
    await expect(client.waitForTarget({ params })).rejects.toMatchObject({ code: "not_found" });
  });
});
