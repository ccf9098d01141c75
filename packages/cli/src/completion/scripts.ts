/** How a completion script asks: the words of a command that starts this program. */
export type Program = readonly string[];

const HEAD = (shell: string, load: string) => `# Completion of switchyard, and of \`az ml\`, for ${shell}: ${load}\n`;

/** Completion for bash, from 3.2 on. */
export function bashScript(program: Program): string {
  return `${HEAD("bash", "source <(switchyard completion bash)")}
_switchyard_ask() { ${inShell(program)} __complete -- "$@" 2>/dev/null; }

_switchyard_answer() {
  local candidate
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    if [ "$candidate" = :files ]; then
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
      compopt -o filenames 2>/dev/null
    else
      COMPREPLY+=("$candidate")
    fi
  done < <(_switchyard_ask "$@")
}

_switchyard() { _switchyard_answer "\${COMP_WORDS[@]:1:COMP_CWORD}"; }

# \`az ml\` is ours; what completed az before goes on with the rest.
_switchyard_az() {
  if [ "\${COMP_WORDS[1]}" = ml ] && [ "$COMP_CWORD" -gt 1 ] || [ -z "$_switchyard_az_before" ]; then
    _switchyard_answer az "\${COMP_WORDS[@]:1:COMP_CWORD}"
  else
    $_switchyard_az_before "$@"
  fi
}
_switchyard_az_before=$(complete -p az 2>/dev/null | sed -n 's/.*-F \\([^ ]*\\) .*/\\1/p')
[ "$_switchyard_az_before" != _switchyard_az ] || _switchyard_az_before=""

complete -F _switchyard switchyard
complete -F _switchyard_az az
`;
}

/** Completion for zsh, with what each word is about. */
export function zshScript(program: Program): string {
  return `#compdef switchyard az
${HEAD("zsh", "source <(switchyard completion zsh)")}
_switchyard_answer() {
  local word about
  local -a found shown
  while IFS=$'\\t' read -r word about; do
    if [[ $word == :files ]]; then
      _files
    else
      found+=("$word")
      shown+=("$word\${about:+  -- $about}")
    fi
  done < <(${inShell(program)} __complete -- "$@" 2>/dev/null)
  (( \${#found} )) && compadd -l -d shown -a found
}

_switchyard() { _switchyard_answer "\${(@Q)words[2,CURRENT]}"; }

# \`az ml\` is ours; what completed az before goes on with the rest.
_switchyard_az() {
  if [[ $words[2] == ml && $CURRENT -gt 2 || -z $_switchyard_az_before ]]; then
    _switchyard_answer az "\${(@Q)words[2,CURRENT]}"
  else
    $=_switchyard_az_before "$@"
  fi
}

if ! (( $+functions[compdef] )); then
  autoload -Uz compinit && compinit
fi
typeset -g _switchyard_az_before=\${_comps[az]:-}
[[ $_switchyard_az_before != _switchyard_az ]] || _switchyard_az_before=""
compdef _switchyard switchyard
compdef _switchyard_az az
`;
}

/** Completion for fish, with what each word is about. */
export function fishScript(program: Program): string {
  return `${HEAD("fish", "switchyard completion fish | source")}
function __switchyard_answer
    set -l words $argv (commandline -opc)[2..-1]
    set -l last (commandline -ct | string trim)
    for line in (${inFish(program)} __complete -- $words "$last" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$last"
        else
            echo $line
        end
    end
end

complete -c switchyard -f -a '(__switchyard_answer)'
# what completes az otherwise goes on with all but \`az ml\`
complete -c az -n '__fish_seen_subcommand_from ml' -f -a '(__switchyard_answer az)'
complete -c az -n 'not __fish_seen_subcommand_from ml' -f -a 'ml' -d 'Machine learning, by Switchyard'
`;
}

function inShell(program: Program): string {
  return program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

function inFish(program: Program): string {
  return program.map((word) => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`).join(" ");
}
