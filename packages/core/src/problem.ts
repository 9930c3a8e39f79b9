/** What is wrong with settings: where they are written, and a sentence that says what to write instead. */

/** Keys and list positions, from the outermost one inwards. */
export type Path = readonly PropertyKey[]

export interface Problem {
  /** Of what is wrong, or of what would have to be there. Of settings from tags, where the config file would have them. */
  readonly path: Path
  /** What is wrong, because of what, what to write instead. */
  readonly sentence: string
}

/** The sentences alone, for whoever knows the service that they are about. */
export function sentencesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ sentence }) => sentence)
}

/** The same problems, of settings that are at `path` of others. */
export function within(path: Path, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }))
}
