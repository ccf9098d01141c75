import type { Store } from "@switchyard/store";
import type { FastifyInstance } from "fastify";
import { VERSION } from "../version.ts";
import type { Monitor } from "./monitor.ts";
import { PROBLEM_TYPE, problemWith } from "./problems.ts";

const HEALTH_MS = 3000;

/** What is there beside the API and asks for no token: a hello, health, figures and the API's description. */
export function registerPlainRoutes(app: FastifyInstance, store: Store, monitor: Monitor): void {
  app.get("/", async () => ({
    name: "Switchyard",
    version: VERSION,
    links: { openapi: "/openapi.json", health: "/healthz", metrics: "/metrics", api: "/api/v1/status" },
  }));
  app.get("/healthz", async (_request, reply) => {
    const late = new Promise<never>((_, reject) => setTimeout(reject, HEALTH_MS, new Error("late")).unref());
    try {
      await Promise.race([store.now(), late]);
      return { status: "ok", version: VERSION };
    } catch {
      const body = problemWith("database_unreachable", `The database (${store.describe()}) does not answer.`);
      return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
    }
  });
  app.get("/metrics", async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(await monitor.text()));
  app.get("/openapi.json", async (_request, reply) => {
    const { openApiText } = await import("./openapi.ts"); // rarely asked for
    return reply.type("application/json; charset=utf-8").send(openApiText());
  });
}
