import type { SweepCase } from "./case.ts";
import { checkLimits } from "./limits.ts";
import { checkPolicy } from "./policy.ts";
import { checkSampling } from "./sampling.ts";
import { checkSpace } from "./space.ts";

/** Reports every rule that a sweep breaks. */
export function checkSweep(facts: SweepCase): void {
  checkSpace(facts);
  checkSampling(facts);
  checkPolicy(facts);
  checkLimits(facts);
}
