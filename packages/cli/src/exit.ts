/** The exit codes of the operator's verbs: a program that calls us can tell outcomes apart without reading text. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usedWrongly: 2,
  rolledBack: 3,
  superseded: 4,
  held: 5,
  waiting: 6,
  timedOut: 7,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
