import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CorpusPython } from "./fixtures.ts";

/** What training scripts of the corpus import; all of the test environment would make an image of a gigabyte. */
const MODULES =
  /^(numpy|scipy|sklearn|scikit_learn|joblib|threadpoolctl|pandas|dateutil|python_dateutil|six|pytz|tzdata|packaging|cloudpickle|narwhals|PIL|pillow)([._-].*)?$/;

/** Fills the folder with an image's Dockerfile and what it copies: the corpus Python's packages at the places that they have here. */
export function fillImage(context: string, base: string, { site, tools }: CorpusPython): void {
  const [packages = "", shims = ""] = readFileSync(site, "utf8").split("\n");
  mkdirSync(join(context, "packages"));
  for (const name of readdirSync(packages).filter((each) => MODULES.test(each)))
    cpSync(join(packages, name), join(context, "packages", name), { recursive: true });
  cpSync(shims, join(context, "shims"), { recursive: true });
  copyFileSync(join(tools, "micromamba"), join(context, "micromamba"));
  writeFileSync(join(context, "corpus.pth"), "/opt/corpus/packages\n/opt/corpus/shims\nimport corpus_shims\n");
  const lines = [
    `FROM ${base}`,
    "COPY packages /opt/corpus/packages",
    "COPY shims /opt/corpus/shims",
    "COPY corpus.pth /opt/corpus/corpus.pth",
    "COPY micromamba /usr/local/bin/micromamba",
    "ENV CORPUS_PYTHON=/usr/bin/python3 CORPUS_SITE=/opt/corpus/corpus.pth",
  ];
  writeFileSync(join(context, "Dockerfile"), `${lines.join("\n")}\n`);
  execFileSync("chmod", ["-R", "a+rX", context]);
}
