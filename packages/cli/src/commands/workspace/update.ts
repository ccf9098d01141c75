import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { DETAIL_FLAGS, detailsOf, showWorkspaceText } from "./details.ts";
import { namedWorkspace } from "./which.ts";

export const updateWorkspace = defineCommand({
  summary: "Change what is said of a workspace",
  description: "Only what is given changes; tags are added to those that are there",
  flags: {
    ...DETAIL_FLAGS,
    imageBuildCompute: text({ help: "kept for scripts of Azure ML v1: images are built where a run is", valueName: "NAME" }),
  },
  examples: [["switchyard workspace update -w vision -d 'all of vision' --tags team=vision", "a description and a tag"]],
  async act(context) {
    const { connect, flags, out } = context;
    const workspace = namedWorkspace(context);
    const { imageBuildCompute } = flags;
    const body = { ...detailsOf(flags), ...(imageBuildCompute === undefined ? {} : { imageBuildCompute }) };
    if (Object.keys(body).length === 0) throw new BadRequest("Nothing to change. Give -f, -d, --tags or --image-build-compute.");
    if (imageBuildCompute !== undefined) out.warn(`${imageBuildCompute} is kept by name only: images are built where a run is.`);
    await showWorkspaceText(out, await (await connect()).updateWorkspace({ params: { workspace }, body }));
  },
});
