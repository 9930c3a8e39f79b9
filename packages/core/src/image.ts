/** Image references as task definitions name them. */

/** `registry/repository[:tag][@digest]`, read. */
export interface ImageReference {
  /** The reference as it was written. */
  readonly text: string
  /** Host and port of the registry; absent for a bare name, which Docker Hub is meant by. */
  readonly registry?: string
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}
