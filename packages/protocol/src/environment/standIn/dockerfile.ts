/** Where the stand-ins and constraints lie in the context of a Dockerfile's build, and in what it builds. */
const CONTEXT = "switchyard-packages";
const FOLDER = "/opt/switchyard/packages";

const HELD = `# Switchyard: the vendor's package names are its own client's, for every pip and uv below
COPY ${CONTEXT} ${FOLDER}
ENV PIP_CONSTRAINT=${FOLDER}/constraints.txt PIP_BUILD_CONSTRAINT=${FOLDER}/constraints.txt \\
    PIP_FIND_LINKS="\${PIP_FIND_LINKS:-} ${FOLDER}/wheels" \\
    UV_CONSTRAINT=${FOLDER}/constraints.txt UV_BUILD_CONSTRAINT=${FOLDER}/constraints.txt UV_FIND_LINKS=${FOLDER}/wheels`;

/**
 * A Dockerfile in which every stage that runs something is held to the stand-ins: what its own `pip install` asks for under
 * the vendor's names is never fetched.
 */
export function guardDockerfile(text: string): string {
  if (!/^\s*RUN\s/im.test(text)) return text;
  const guarded: string[] = [];
  let continues = false;
  let ends: string | null = null; // of a here-document
  let opensStage = false;
  for (const line of text.split("\n")) {
    guarded.push(line);
    if (ends !== null) {
      if (line.trim() === ends) ends = null;
      continue;
    }
    if (!continues) opensStage = /^\s*FROM\s/i.test(line);
    continues = /\\\s*$/.test(line);
    const document = /^\s*(?:RUN|COPY|ADD)\s.*<<-?\s*["']?(\w+)["']?/i.exec(line);
    if (document !== null) ends = document[1]!;
    if (opensStage && !continues) guarded.push(HELD);
  }
  return guarded.join("\n");
}
