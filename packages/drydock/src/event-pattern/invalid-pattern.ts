/** What is wrong with an event pattern, and where. */

/** A pattern that EventBridge refuses; `place` is the path of the offending part, `$` for the whole. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern'
  readonly place: string

  constructor(reason: string, place: string) {
    super(`Event pattern is not valid. Reason: ${reason} at ${place}`)
    this.place = place
  }
}
