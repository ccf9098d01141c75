import { z } from "zod";
import { runId, workspaceName } from "../../run/names.ts";

/** Path parameters that many operations share. */
export const inWorkspace = z.object({ workspace: workspaceName });
export const ofRun = inWorkspace.extend({ runId });
