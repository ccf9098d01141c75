/** Where the engine's time comes from; a test moves it by hand. */
export interface Clock {
  now(): Date;
  /** grows evenly whatever is done to the machine's clock; for pauses and time limits */
  monotonicMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
