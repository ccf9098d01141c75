import { attachedCompute, computeChanges, newCompute } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { withIdentity } from "../src/computes/identity.ts";

const cluster = { name: "c", type: "amlcompute" };
const one = { identityType: "UserAssigned" as const, identityIds: ["/one"] };

describe("the managed identity of a cluster", () => {
  it("is put beside the other settings, replaced, and taken away", () => {
    expect(withIdentity({ minNodes: 1 }, cluster, one)).toEqual({ minNodes: 1, identity: one });
    const system = { identityType: "SystemAssigned" as const, identityIds: [] };
    expect(withIdentity({ identity: one }, cluster, system)).toEqual({ identity: system });
    expect(withIdentity({ minNodes: 1, identity: one }, cluster, null)).toEqual({ minNodes: 1 });
    expect(withIdentity({ identity: one }, cluster, undefined)).toEqual({ identity: one });
  });

  it("is not for a target of another kind", () => {
    expect(() => withIdentity({}, { name: "mine", type: "computeinstance" }, one)).toThrow('"mine" is no cluster (computeinstance)');
  });

  it("is system-assigned or user-assigned, never both", () => {
    const accepts = (identity: object | null) => computeChanges.safeParse({ identity }).success;
    expect([{ identityType: "SystemAssigned" }, one, null].map(accepts)).toEqual([true, true, true]);
    for (const wrong of [{ ...one, identityType: "SystemAssigned" }, { identityType: "UserAssigned" }, { identityType: "Mine" }, {}]) {
      expect(accepts(wrong), JSON.stringify(wrong)).toBe(false);
      expect(newCompute.safeParse({ type: "amlcompute", name: "c1", settings: { identity: wrong } }).success).toBe(false);
    }
    expect(newCompute.safeParse({ type: "amlcompute", name: "c1", settings: { identity: one } }).success).toBe(true);
    const secret = { password: "x" };
    expect(
      attachedCompute.safeParse({ type: "remote", name: "box", settings: { address: "h", username: "u", identity: one }, secret }).success,
    ).toBe(false);
  });
});
