/** The line by which our own `az` is known, also to another one of ours further on PATH. */
export const MARK = "# switchyard az-shim";

/**
 * The program `az` as POSIX sh: `az ml …` goes to `program`, all else to the real az further on PATH, and to `program` when
 * there is none.
 */
export function shimScript(program: readonly string[]): string {
  const files = program.map((word) => `[ -f ${quoted(word)} ]`).join(" && ");
  return `#!/bin/sh
${MARK}: \`az ml ...\` goes to Switchyard, all else to the real az further on PATH; without one Switchyard answers.
# Written by \`switchyard az-shim install\`; \`switchyard az-shim uninstall\` removes it.
set -u

switchyard() {
  if ${files}; then
    exec ${program.map(quoted).join(" ")} "$@"
  fi
  exec switchyard "$@" # it was moved: the one on PATH, or an error that names it
}

find_real_az() {
  set -f
  IFS=:
  for folder in $PATH; do
    candidate=\${folder:-.}/az
    if [ -f "$candidate" ] && [ -x "$candidate" ] && ! grep -q '^${MARK}' "$candidate" 2>/dev/null; then
      printf '%s\\n' "$candidate"
      return
    fi
  done
}

first=""
second=""
for word in "$@"; do
  case $word in
    --debug | --verbose | --only-show-errors) ;;
    *) if [ -z "$first" ]; then first=$word; else second=$word && break; fi ;;
  esac
done
[ "$first" != ml ] || switchyard az "$@"

real=$(find_real_az)
[ -n "$real" ] || switchyard az "$@"

case "$first $second" in
  "extension add" | "extension update" | "extension show")
    case " $* " in *" azure-cli-ml "* | *"=azure-cli-ml "*) switchyard az "$@" ;; esac
    ;;
  "configure "*) (switchyard az "$@" >/dev/null 2>&1) || : ;; # so that \`az ml\` knows the defaults too
esac
exec "$real" "$@"
`;
}

/** A word of a shell command that means nothing else than itself. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
