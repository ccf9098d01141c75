import { afterEach, beforeEach, describe } from "vitest";
import type { ComputeDriver, DriverFeatures, JobBundle, JobHandle } from "../contract.ts";
import { type DriverLab, Gate } from "./driverLab.ts";
import { Follower, PATIENCE_MS } from "./follow.ts";
import { promiseBytes } from "./promises/bytes.ts";
import { promiseData } from "./promises/data.ts";
import { promiseDirectories } from "./promises/directories.ts";
import { promiseEnds } from "./promises/ends.ts";
import { promiseOutputs } from "./promises/outputs.ts";
import { promiseStarts } from "./promises/starts.ts";

/** What the promises are tested with: fresh for every test. */
export class DriverTest {
  lab!: DriverLab;
  driver!: ComputeDriver;
  gate!: Gate;
  readonly features: DriverFeatures;
  readonly #started: JobHandle[] = [];

  constructor(features: DriverFeatures) {
    this.features = features;
  }

  get signal(): AbortSignal {
    return AbortSignal.timeout(PATIENCE_MS);
  }

  async start(bundle: JobBundle): Promise<JobHandle> {
    const handle = await this.driver.start(bundle, this.signal);
    this.#started.push(handle);
    return handle;
  }

  async follow(bundle: JobBundle): Promise<Follower> {
    return new Follower(this.driver, await this.start(bundle));
  }

  async open(makeLab: () => Promise<DriverLab>): Promise<void> {
    this.lab = await makeLab();
    this.driver = await this.lab.connect();
    this.gate = new Gate();
  }

  /** Ends what still runs, so that nothing outlives its test. */
  async close(): Promise<void> {
    try {
      for (const handle of this.#started.splice(0)) {
        const [seen] = await this.driver.observe([{ handle, cursors: [] }], 0, this.signal);
        if (seen?.phase === "missing" || seen?.phase === "exited") continue;
        await this.driver.cancel(handle, 0, this.signal);
        await new Follower(this.driver, handle).toTheEnd();
      }
    } finally {
      this.gate.close();
      await this.lab.close();
    }
  }
}

/**
 * The promises of the driver contract as tests. `makeLab` gives every test a compute of its own; the lab's driver is
 * asked what `features` says that it can. `canSeeDirectories`: the lab can show where jobs lie (`directoryOf`).
 */
export function describeDriver(
  name: string,
  makeLab: () => Promise<DriverLab>,
  features: DriverFeatures,
  canSeeDirectories = features.sharesDisk,
): void {
  describe(`${name} driver`, () => {
    const test = new DriverTest(features);
    beforeEach(() => test.open(makeLab));
    afterEach(() => test.close());
    promiseStarts(test);
    promiseBytes(test);
    promiseEnds(test);
    promiseOutputs(test);
    if (canSeeDirectories) promiseDirectories(test);
    if (canSeeDirectories) promiseData(test);
  });
}
