import { Conflict, type DeployedModel } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { noVersion, requireModel } from "../models/rows.ts";
import type { ServiceRecord } from "./record.ts";

/** Notes which models a service uses. Throws NotFound. */
export async function useModels(db: Queries, { id, workspace, definition }: ServiceRecord): Promise<void> {
  for (const { name, version } of unique(definition.models)) {
    const model = await requireModel(db, workspace, name);
    const known = db.selectFrom("model_versions").select("version").where("model_id", "=", model.id).where("version", "=", version);
    if ((await known.executeTakeFirst()) === undefined) throw noVersion(name, version);
    await db.insertInto("service_models").values({ service_id: id, model_id: model.id, version, workspace }).execute();
  }
}

const unique = (models: readonly DeployedModel[]): DeployedModel[] => [
  ...new Map(models.map((model) => [`${model.name}:${model.version}`, model])).values(),
];

export async function forgetModels(db: Queries, serviceId: string): Promise<void> {
  await db.deleteFrom("service_models").where("service_id", "=", serviceId).execute();
}

/** Throws Conflict while a service uses the model, or that version of it. */
export async function refuseDeployed(db: Queries, modelId: string, name: string, version?: number): Promise<void> {
  let query = db
    .selectFrom("service_models as m")
    .innerJoin("services as s", "s.id", "m.service_id")
    .select(["s.name", "m.version"])
    .where("m.model_id", "=", modelId);
  if (version !== undefined) query = query.where("m.version", "=", version);
  const users = await query.orderBy("s.name").execute();
  if (users.length === 0) return;
  const names = [...new Set(users.map((user) => user.name))];
  const which = version === undefined ? name : `${name}:${version}`;
  throw new Conflict(
    `Model ${which} is deployed: ${names.length === 1 ? "the web service" : "the web services"} ${names.map((each) => `"${each}"`).join(", ")} ` +
      `${names.length === 1 ? "uses" : "use"} it. Delete or update ${names.length === 1 ? "that" : "those"} first.`,
    { details: { services: names } },
  );
}
