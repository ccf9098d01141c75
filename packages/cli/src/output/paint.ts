import colors from "picocolors";
import type { Sink, World } from "../world.ts";

export type Paint = ReturnType<typeof colors.createColors>;

/** Colours for one stream: only on a terminal, never when NO_COLOR is set, always when FORCE_COLOR is. */
export function paintFor(sink: Sink, env: World["env"]): Paint {
  const forced = (env.FORCE_COLOR ?? "") !== "" && env.FORCE_COLOR !== "0";
  const forbidden = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return colors.createColors(!forbidden && (forced || sink.isTTY === true));
}
