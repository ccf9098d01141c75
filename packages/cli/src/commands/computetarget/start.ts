import { powerCommand } from "./power.ts";

export const startTarget = powerCommand({
  summary: "Start a compute instance: it takes runs again, those that wait first",
  verb: "start",
  effect: "runs that wait for it begin",
  act: (api, params) => api.startTarget({ params }),
});
