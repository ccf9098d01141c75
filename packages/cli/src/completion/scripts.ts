import type { CompletionWords } from "./words.ts";

/** Completion for bash: finds the command typed so far (words without options), then offers what may follow it. */
export function bashScript(words: CompletionWords): string {
  return `# Completion of switchyard for bash: source <(switchyard completion bash)\n${posixFunction(words)}`;
}

/** zsh runs the same function through its emulation of bash completion. */
export function zshScript(words: CompletionWords): string {
  return `# Completion of switchyard for zsh: source <(switchyard completion zsh)
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${posixFunction(words)}`;
}

function posixFunction(words: CompletionWords): string {
  const cases = [...words].map(([before, next]) => `    "${before}") next="${next.join(" ")}" ;;`);
  return `_switchyard() {
  local known="|${[...words.keys()].filter(Boolean).join("|")}|" before="" next="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$known" in *"|\${before:+$before }$word|"*) before="\${before:+$before }$word" ;; esac
  done
  case "$before" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _switchyard switchyard
`;
}

/** Completion for fish: one line for each place where words may follow. */
export function fishScript(words: CompletionWords): string {
  const lines = [...words].flatMap(([before, next]) => {
    const when = before === "" ? "__fish_use_subcommand" : seen(before);
    const names = next.filter((word) => !word.startsWith("--"));
    const options = next.filter((word) => word.startsWith("--")).map((option) => option.slice(2));
    return [
      ...(names.length > 0 ? [`complete -c switchyard -f -n '${when}' -a '${names.join(" ")}'`] : []),
      ...options.map((option) => `complete -c switchyard -n '${when}' -l ${option}`),
    ];
  });
  return `# Completion of switchyard for fish: switchyard completion fish | source\n${lines.join("\n")}\n`;
}

function seen(before: string): string {
  return before
    .split(" ")
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join("; and ");
}
