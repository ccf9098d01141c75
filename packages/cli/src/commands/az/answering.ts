import { userInfo } from "node:os";
import type { Context } from "../../command.ts";

/** Says, beside the answer, who gives it. */
export function sayWhoAnswers({ out }: Pick<Context, "out">, more = ""): void {
  out.note(`Switchyard answers: there is no Azure CLI further on PATH.${more === "" ? "" : ` ${more}`}`);
}

/** The one subscription of a server, as `az account show` writes one. */
export async function theAccount({ connect, world }: Pick<Context, "connect" | "world">) {
  const [workspace] = await (await connect()).listWorkspaces({});
  const id = workspace!.subscriptionId; // "default" is always there
  return {
    cloudName: "Switchyard",
    id,
    isDefault: true,
    name: "Switchyard",
    state: "Enabled",
    tenantId: id,
    user: { name: world.env.USER || world.env.LOGNAME || userInfo().username, type: "user" },
  };
}
