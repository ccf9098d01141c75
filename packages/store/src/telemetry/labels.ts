import type { Work } from "../database/database.ts";
import { storableName } from "../database/text.ts";
import { deleteTags, writeProperties, writeTags } from "../runs/labels.ts";
import type { TelemetryBatch } from "./batch.ts";
import type { Family } from "./family.ts";

/** Stores tags and properties. A property that already has another value keeps it, and the timeline says so. */
export async function takeLabels({ db, announce }: Work, family: Family, batch: TelemetryBatch): Promise<void> {
  const { tags = [], untags = [], properties = [] } = batch;
  for (const runId of new Set([...tags, ...untags, ...properties].map((label) => label.runId ?? batch.runId))) {
    if (runId !== batch.runId && !(await family.admitsAbove(runId, "tags and properties"))) continue;
    const own = <T extends { runId?: string }>(labels: readonly T[]) => labels.filter((label) => (label.runId ?? batch.runId) === runId);
    await deleteTags(
      db,
      runId,
      own(untags).map((tag) => tag.name),
    );
    await writeTags(db, runId, Object.fromEntries(own(tags).map((tag) => [tag.name, tag.value])));
    const first = Object.fromEntries(
      own(properties)
        .toReversed()
        .map((property) => [property.name, property.value]),
    );
    const kept = await writeProperties(db, runId, first);
    const differing = own(properties)
      .filter((property) => first[property.name] !== property.value)
      .map((property) => storableName(property.name));
    for (const name of new Set([...kept, ...differing]))
      family.note("property_kept", `Property "${name}" of run ${runId} keeps its first value.`);
    announce({ kind: "run", workspace: family.workspace, runId, names: [] });
  }
}
