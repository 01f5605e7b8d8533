/** Longer keys are shortened in paths, since an attacker may have chosen them. */
const MAX_KEY_LENGTH = 80

/** Path of the value under a key: `$.Policies`, or `$["…"]` for a key that is no short word, such as a policy hash. */
export function keyPath(parent: string, key: string): string {
  if (/^[A-Za-z]\w{0,39}$/.test(key)) return `${parent}.${key}`
  const shown = key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH).toWellFormed()}…` : key.toWellFormed()
  return `${parent}[${JSON.stringify(shown)}]`
}

/** Path of an item of an array: `$.Policies[0]`. */
export function indexPath(parent: string, index: number): string {
  return `${parent}[${index}]`
}
