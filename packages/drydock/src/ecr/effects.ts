/** What ECR asks of the host, and what the host reports back: only the bytes of layers are kept outside the state. */

export type EcrEffect =
  /** Append a part that was uploaded through the API. A failure shows when the upload is completed. */
  | { kind: 'append-layer-part'; uploadId: string; firstByte: number; part: Uint8Array }
  /** Check an upload's digest and keep it. Answered by `layer-stored` or `layer-refused`. */
  | { kind: 'complete-layer-upload'; repositoryName: string; uploadId: string; digest: string }
  /** Remove the layers that no repository of any account has any more. */
  | { kind: 'sweep-layers' }

export type EcrReport =
  /** A layer's bytes are on disk and verified. Without `uploadId` it came through the registry's own protocol. */
  | { kind: 'layer-stored'; repositoryName: string; digest: string; sizeBytes: number; uploadId?: string }
  | { kind: 'layer-refused'; repositoryName: string; uploadId: string; digest: string; reason: RefusalReason }

/** `lost`: the host knows nothing of the upload, because it was started anew since. */
export type RefusalReason = 'digest-mismatch' | 'lost'
