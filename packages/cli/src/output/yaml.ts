// Loaded only when YAML is asked for. The library is imported here by name, not with `import()`: it is CommonJS, and in
// a bundle a dynamic import of it has a default export only.
import { stringify } from "yaml";

/** A value as YAML, long texts in one line. */
export function toYaml(value: unknown): string {
  return stringify(value ?? null, { lineWidth: 0 });
}
