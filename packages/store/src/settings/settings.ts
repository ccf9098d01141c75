import type { JsonValue } from "@switchyard/protocol";
import type { Database } from "../database/database.ts";
import { fromJson, toJson } from "../database/text.ts";

/** Facts that all servers of one database share: the id of its artifact storage and the like. */
export class Settings {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(name: string): Promise<JsonValue | undefined> {
    const row = await this.#database.db.selectFrom("settings").select("value").where("name", "=", name).executeTakeFirst();
    return row && fromJson(row.value);
  }

  async set(name: string, value: JsonValue): Promise<void> {
    await this.#database.db
      .insertInto("settings")
      .values({ name, value: toJson(value) })
      .onConflict((conflict) => conflict.column("name").doUpdateSet((set) => ({ value: set.ref("excluded.value") })))
      .execute();
  }

  /** Sets it unless it is set. Returns what it is now, so that servers that start together agree. */
  async setOnce(name: string, value: JsonValue): Promise<JsonValue> {
    await this.#database.db
      .insertInto("settings")
      .values({ name, value: toJson(value) })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    return (await this.get(name)) as JsonValue;
  }
}
