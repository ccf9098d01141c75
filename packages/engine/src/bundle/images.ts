import { BadRequest, defaultImageKind, EnvironmentUnusable } from "@switchyard/protocol";

/** What stands for the default images of v1 where the operator names nothing: public images with Python. */
const DEFAULT_IMAGES: Readonly<Record<string, string>> = {
  cpu: "python:3.12",
  gpu: "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
};

/**
 * The image that a run configuration's name means here. `images` is the operator's: an image's whole name, or `cpu` and
 * `gpu` for all the default images of v1.
 */
export function imageFor(name: string, images: Readonly<Record<string, string>>): string {
  const known = { ...DEFAULT_IMAGES, ...images };
  return images[name] ?? known[defaultImageKind(name) ?? ""] ?? name;
}

/** Refuses what no engine could read as an image's name, which would look like one more word of its command. */
export function checkImageName(name: string): string {
  if (/^[A-Za-z0-9][\w.:/@-]*$/.test(name)) return name;
  throw new BadRequest(`"${name}" cannot be the name of an image. Give one like registry.example/team/image:tag in docker.baseImage.`);
}

/** The text of a Dockerfile; a path in its place should have been replaced by the client. */
export function checkDockerfile(text: string): string {
  if (/^\s*FROM\s+\S/im.test(text)) return text;
  throw new EnvironmentUnusable(
    `The Dockerfile of the environment has no line that begins with FROM: "${text.slice(0, 80)}". Send the file's text as docker.baseDockerfile.`,
  );
}
