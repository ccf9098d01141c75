import type { CondaDependencies } from "../../environment/conda/dependencies.ts";
import { readCondaDependencies } from "../../environment/conda/read.ts";
import type { JsonValue } from "../../json.ts";
import type { Field } from "../reading/field.ts";

/** The content of a conda file where a run configuration holds it inline: checked like the file itself. */
export const condaDependenciesField: Field<CondaDependencies> = {
  absent: () => ({ dependencies: [] }),
  read: (given, place) => readCondaDependencies(given, place),
  write: (value) => value as unknown as JsonValue,
};
