/**
 * The command line that a list of words was made of, when only a shell can read it; null for words that are a program and its
 * arguments. Azure ML v1 took a list for the command line that its words make, and its public samples split one at its spaces:
 * `"bash setup.sh && python train.py".split()`. Such words stand as they are. What has a space in it was no part of a split
 * text, so it stays one word.
 */
export function commandLineOf(words: readonly string[]): string | null {
  const [line] = words;
  if (words.length === 1 && line !== undefined && hasSpace(line)) return line;
  if (!words.some((word) => !hasSpace(word) && isOfAShell(word))) return null;
  return words.map((word) => (word === "" || hasSpace(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word)).join(" ");
}

const hasSpace = (word: string): boolean => /\s/.test(word);

/** `&&`, `|`, `2>&1`, `>log.txt`, `cd x;` */
const OPERATOR = /^(?:&&?|\|\|?|;|\d*(?:>>?|<)(?:&\d|[^<>&]*))$|[^\\];$/;
/** `$HOME`, `${HOME}`: only a shell asks for its value. What stands for data is known without one. */
const VARIABLE = /\$(?!\{?AZUREML_DATAREFERENCE_)(?:\{[A-Za-z_]|[A-Za-z_])/;

function isOfAShell(word: string): boolean {
  return OPERATOR.test(word) || VARIABLE.test(word) || isTornAtAQuote(word);
}

/** `'two`, of which the other half is another word: the text was split at a space that is quoted. */
function isTornAtAQuote(word: string): boolean {
  return ["'", '"'].some((quote) => word.startsWith(quote) && (word.split(quote).length - 1) % 2 === 1);
}
