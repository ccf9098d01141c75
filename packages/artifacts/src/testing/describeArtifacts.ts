import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ArtifactStorage } from "../contract.ts";
import { describeBlobs } from "./describeBlobs.ts";
import { describeKeptFiles } from "./describeKeptFiles.ts";
import { describeRunFiles } from "./describeRunFiles.ts";

/** A storage under test: `open` opens the same place again, as another process would. */
export interface ArtifactsUnderTest {
  open(): Promise<ArtifactStorage>;
  remove(): Promise<void>;
}

/** What every backend promises, as tests. */
export function describeArtifacts(name: string, make: () => Promise<ArtifactsUnderTest>): void {
  describe(`${name} artifacts`, () => {
    let place: ArtifactsUnderTest;
    let storage: ArtifactStorage;
    beforeEach(async () => {
      place = await make();
      storage = await place.open();
    });
    afterEach(() => place.remove());

    it("keeps one id for everybody who opens it", async () => {
      const others = await Promise.all([place.open(), place.open()]);
      expect(others.map((other) => other.storageId)).toEqual([storage.storageId, storage.storageId]);
      expect(storage.storageId).not.toBe("");
    });
    describe("blobs", () => describeBlobs(() => storage.blobs));
    describe("files of runs that become blobs", () => describeKeptFiles(() => storage));
    describe("run files", () => describeRunFiles(() => storage.runFiles));
  });
}
