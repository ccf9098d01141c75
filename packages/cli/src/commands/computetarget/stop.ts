import { powerCommand } from "./power.ts";

export const stopTarget = powerCommand({
  summary: "Stop a compute instance: it takes no run until it is started",
  description: "Runs that are on it have 30 seconds to save a checkpoint, and go on as their next attempt when it is started",
  verb: "stop",
  effect: "its runs wait, those that are submitted meanwhile too",
  act: (api, params) => api.stopTarget({ params }),
});
