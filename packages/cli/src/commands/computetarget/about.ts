import { type FlagValues, tags, text, toggle } from "../../flags.ts";

/** What every new target may be called and described as. */
export const ABOUT_FLAGS = {
  name: text({ short: "n", required: true, help: "name: 2 to 24 letters, digits and -, a letter first", valueName: "NAME" }),
  description: text({ help: "what it is for" }),
  tag: tags({ help: "tag of the target; repeatable" }),
  location: text({ short: "l", help: "where it is, for your own records", valueName: "PLACE" }),
};

export const NO_WAIT = toggle({ help: "return as soon as the server has taken it" });

/** The part of a request that these flags make. */
export function aboutOf({ name, description, tag, location }: FlagValues<typeof ABOUT_FLAGS>) {
  return { name, description, tags: Object.keys(tag).length === 0 ? undefined : tag, location };
}
