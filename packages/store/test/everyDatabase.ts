import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { openStore, type Store } from "../src/index.ts";
import { DATABASES, type RunningDatabase } from "../src/testing/index.ts";

/** Gives each test stores to work with; they are closed after it. */
export interface Stores {
  /** a store on a new, empty database */
  open(): Promise<Store>;
  /** a store on the same database as the last `open`, as another server would have it */
  again(): Promise<Store>;
  /** the URL of a new, empty database */
  freshUrl(): Promise<string>;
  openAt(url: string): Promise<Store>;
}

/** Runs a suite against a real database of each kind. */
export function onEveryDatabase(title: string, suite: (stores: Stores, database: "sqlite" | "postgres") => void): void {
  for (const database of DATABASES) {
    describe.skipIf(database.missing)(`${title} on ${database.name}${database.missing ? ` (skipped: ${database.missing})` : ""}`, () => {
      let running: RunningDatabase;
      let lastUrl = "";
      const opened: Store[] = [];
      beforeAll(async () => {
        running = await database.start();
      });
      afterEach(async () => {
        for (const store of opened.splice(0)) await store.close();
      });
      afterAll(() => running?.stop());
      const openAt = async (url: string) => {
        const store = await openStore(url);
        opened.push(store);
        return store;
      };
      const stores: Stores = {
        freshUrl: () => running.fresh(),
        openAt,
        async open() {
          lastUrl = await running.fresh();
          return await openAt(lastUrl);
        },
        again: () => openAt(lastUrl),
      };
      suite(stores, database.name);
    });
  }
}
