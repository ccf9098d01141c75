import { defineCommand } from "../../command.ts";
import { count, text, toggle } from "../../flags.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const runMetrics = defineCommand({
  summary: "Show what a run has logged: its series, or the points of one",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    name: text({ short: "n", help: "the points of this series", valueName: "NAME" }),
    attempt: count({ help: "of this attempt; default: the last one that has the series" }),
    maxPoints: count({ default: 2000, help: "points at most; more are thinned out, keeping peaks" }),
    recursive: toggle({ help: "series of child runs as well" }),
  },
  examples: [
    ["switchyard run metrics -r RUN", "every series with count, smallest, largest and last value"],
    ["switchyard run metrics -r RUN -n loss -o tsv", "step, time and value of each point"],
  ],
  async act(context) {
    const { connect, flags, out } = context;
    const api = await connect();
    const params = await runParams(context);
    if (flags.name === undefined) {
      const series = await api.listMetrics({ params, query: { recursive: flags.recursive } });
      await out.result(series, {
        rows: () => series.map(({ name, kind, count, min, max, last }) => ({ name, kind, count, min, max, last })),
      });
      return;
    }
    const query = { maxPoints: flags.maxPoints, ...(flags.attempt === undefined ? {} : { attempt: flags.attempt }) };
    const points = await api.readMetric({ params: { ...params, name: flags.name }, query });
    const rows = points.values.map((value, i) => ({ step: points.steps[i], time: new Date(points.times[i]!).toISOString(), value }));
    await out.result(out.format === "tsv" ? rows : points, { rows: () => rows });
  },
});
