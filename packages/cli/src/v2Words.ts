import { BadRequest } from "@switchyard/protocol/errors";

/** Groups of Azure ML v2's command line, with ours for the same thing where there is one. */
const V2_WORDS: Readonly<Record<string, string | null>> = {
  job: "run submit-script",
  compute: "computetarget",
  data: "dataset",
  component: null,
  connection: null,
  registry: null,
  "feature-set": null,
  "feature-store": null,
  "batch-endpoint": null,
  "batch-deployment": null,
  "online-endpoint": null,
  "online-deployment": null,
};

/** What to say to somebody who writes the command line of Azure ML v2; null for other words. */
export function refuseV2(word: string | undefined): BadRequest | null {
  if (word === undefined || !Object.hasOwn(V2_WORDS, word)) return null;
  const ours = V2_WORDS[word];
  return new BadRequest(
    `\`${word}\` belongs to the command line of Azure ML v2. Switchyard speaks that of v1` +
      `${ours ? `, where the word is \`${ours}\`` : ""}. \`switchyard --help\` lists the commands.`,
  );
}
