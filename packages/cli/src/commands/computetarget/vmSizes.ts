import { defineCommand } from "../../command.ts";

export const listVmSizes = defineCommand({
  summary: "List the machine sizes that a cluster or compute instance may name",
  examples: [
    ["switchyard computetarget vm-sizes", "cores, GPUs, memory and temporary disk of each"],
    ["switchyard computetarget vm-sizes --query '[?gpus > `0`].name'", "those with a GPU"],
  ],
  async act({ connect, out }) {
    const sizes = await (await connect()).listVmSizes({});
    await out.result(sizes, { rows: () => sizes.map((size) => ({ ...size })) });
  },
});
