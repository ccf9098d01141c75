import { z } from "zod";
import { experimentName } from "../../run/names.ts";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";
import { pageOf, pageQuery } from "../page.ts";
import { inWorkspace } from "./params.ts";

const tagName = z.string().min(1).max(250);
const tagValue = z.string().max(100_000);

export const experiment = z.object({
  name: experimentName,
  experimentId: z.string(),
  createdUtc: instant,
  runs: z.int(),
  tags: z.record(tagName, tagValue),
  archivedUtc: instant.nullable().describe("MLflow calls an archived experiment deleted: lists leave it out, nothing of it is lost"),
});
export type Experiment = z.infer<typeof experiment>;

/** Which experiments a list holds. */
export const EXPERIMENT_VIEWS = ["active", "archived", "all"] as const;
export type ExperimentView = (typeof EXPERIMENT_VIEWS)[number];

const ofExperiment = inWorkspace.extend({ experiment: z.string().describe("its name, else its id") });

/** Experiments. */
export const experimentsOperations = defineOperations({
  listExperiments: {
    method: "GET",
    path: "/workspaces/{workspace}/experiments",
    tag: "experiments",
    access: "user or own run",
    summary: "List experiments by name",
    params: inWorkspace,
    query: pageQuery.extend({ view: z.enum(EXPERIMENT_VIEWS).default("active") }),
    response: pageOf(experiment),
  },
  createExperiment: {
    method: "POST",
    path: "/workspaces/{workspace}/experiments",
    tag: "experiments",
    access: "user",
    idempotent: true,
    summary: "Create an experiment, or open it if it exists",
    params: inWorkspace,
    body: z.object({ name: experimentName }),
    response: experiment,
  },
  getExperiment: {
    method: "GET",
    path: "/workspaces/{workspace}/experiments/{experiment}",
    tag: "experiments",
    access: "user or own run",
    summary: "One experiment, archived or not",
    params: ofExperiment,
    response: experiment,
  },
  updateExperiment: {
    method: "PATCH",
    path: "/workspaces/{workspace}/experiments/{experiment}",
    tag: "experiments",
    access: "user",
    summary: "Change an experiment's tags: they are added to those that are there, one with null goes. Refused while it is archived",
    params: ofExperiment,
    body: z.object({ tags: z.record(tagName, tagValue.nullable()) }),
    response: experiment,
  },
  archiveExperiment: {
    method: "POST",
    path: "/workspaces/{workspace}/experiments/{experiment}/archive",
    tag: "experiments",
    access: "user",
    summary: "Leave an experiment and its runs out of lists, and let no new run begin in it; an archived one stays as it is",
    params: ofExperiment,
    response: experiment,
  },
  reactivateExperiment: {
    method: "POST",
    path: "/workspaces/{workspace}/experiments/{experiment}/reactivate",
    tag: "experiments",
    access: "user",
    summary: "Bring an archived experiment and its runs back; an active one stays as it is",
    params: ofExperiment,
    response: experiment,
  },
  deleteExperiment: {
    method: "DELETE",
    path: "/workspaces/{workspace}/experiments/{experiment}",
    tag: "experiments",
    access: "user",
    summary: "Delete an experiment that never had a run for good; one with runs can be archived",
    params: ofExperiment,
    response: "none",
  },
});
