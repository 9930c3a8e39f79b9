/** Why an engine could not be started, where that is no fault of its own: a port, a folder, a state that was kept. */

/** Its message says what to do. Programs tell it from a bug by its name. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
