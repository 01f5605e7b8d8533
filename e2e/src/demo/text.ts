const WIDTH = 110
const INDENT = "   "

/** Breaks text into lines that are read with ease; a longer word stays whole. */
export function wrap(text: string): string {
  const lines = [""]
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? ""
    if (line.length + word.length < WIDTH) lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
    else lines.push(word)
  }
  return lines.join("\n")
}

export function indent(text: string): string {
  return text.replace(/^/gm, INDENT)
}
