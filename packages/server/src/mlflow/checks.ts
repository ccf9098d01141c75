import { invalid } from "./errors.ts";

/** Longest key of a param, metric or tag. */
const KEY_LENGTH = 250;
/** Longest value of a param or tag. MLflow cuts params at 6,000 characters; here they stay whole. */
const VALUE_LENGTH = 100_000;
/** Most that one batch may hold. */
const METRICS_PER_BATCH = 1000;
const LABELS_PER_BATCH = 100;

const KEY = /^[/\p{L}\p{N}_.\- :]*$/u;

/** A key of a metric, param or tag: it may become a file name somewhere, so it must not lead anywhere else. */
export function checkKey(key: string, path: string): void {
  if (!KEY.test(key)) {
    throw invalid(
      `Invalid value ${JSON.stringify(key.slice(0, 300))} for parameter '${path}' supplied: Names may only contain alphanumerics, underscores (_), ` +
        "dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  }
  if (key.startsWith("/") || key.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw invalid(
      `Invalid value ${JSON.stringify(key.slice(0, 300))} for parameter '${path}' supplied: Names may be treated as files in certain cases, and must ` +
        "not resolve to other names when treated as such.",
    );
  }
  if (key.length > KEY_LENGTH) throw tooLong(path, key.length, KEY_LENGTH);
}

export function checkValue(value: string, path: string): void {
  if (value.length > VALUE_LENGTH) throw tooLong(path, value.length, VALUE_LENGTH);
}

const tooLong = (path: string, length: number, limit: number) =>
  invalid(`'${path}' exceeds the maximum length of ${limit} characters: it has ${length}. Log it as an artifact instead.`);

interface Batch {
  readonly metrics: readonly unknown[];
  readonly params: readonly { readonly key: string }[];
  readonly tags: readonly unknown[];
}

/** The limits of one batch; clients split what is more. */
export function checkBatch({ metrics, params, tags }: Batch): void {
  limit("metrics", metrics.length, METRICS_PER_BATCH);
  limit("params", params.length, LABELS_PER_BATCH);
  limit("tags", tags.length, LABELS_PER_BATCH);
  limit("metrics, params, and tags", metrics.length + params.length + tags.length, METRICS_PER_BATCH);
  const keys = params.map(({ key }) => key);
  const repeated = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (repeated.length > 0) {
    throw invalid(
      `Duplicate parameter keys have been submitted: ${JSON.stringify([...new Set(repeated)])}. Please ensure the request contains only one param value per param key.`,
    );
  }
}

function limit(what: string, length: number, most: number): void {
  if (length <= most) return;
  throw invalid(
    `A batch logging request can contain at most ${most} ${what}. Got ${length} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}

/** A path of an artifact: relative, with `/` between its parts and no way out. */
export function checkArtifactPath(path: string): string {
  let plain = path;
  for (let decoded = tryDecode(plain); decoded !== plain; decoded = tryDecode(plain)) plain = decoded;
  if (/[\\#\0]/.test(plain) || plain.startsWith("/") || /^[A-Za-z]:/.test(plain) || plain.split("/").includes(".."))
    throw invalid("Invalid path");
  return path.replace(/(^|\/)\.(?=\/|$)/g, "").replace(/^\/+|\/+$/g, "");
}

function tryDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
