/** The part of JSONPath that EventBridge reads: names, numbers of array elements, and `[*]`. */

type Step = string | number | '*'

/** EventBridge User Guide, input transformation: dots, dashes, underscores, letters and digits, indices, `*`. */
const STEP = /\.([\w/-]+)|\.?\[(?:(\d+)|'([^']+)'|"([^"]+)"|(\*))\]|\.(\*)/y

/** The steps of a path; `undefined` if it is not one. */
export function parsePath(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined
  const steps: Step[] = []
  STEP.lastIndex = 1
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path)
    if (!found) return undefined
    const [, name, index, quoted, doubled] = found
    steps.push(index === undefined ? (name ?? quoted ?? doubled ?? '*') : Number(index))
  }
  return steps
}

/** What the path leads to; `undefined` if nothing. Behind a `*` it is the list of all that is found. */
export function readPath(value: unknown, path: readonly Step[]): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  if (step === '*')
    return Object.values(value)
      .map((item) => readPath(item, rest))
      .filter((item) => item !== undefined)
  return readPath(Object.entries(value).find(([name]) => name === String(step))?.[1], rest)
}
