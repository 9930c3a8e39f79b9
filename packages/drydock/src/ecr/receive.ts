/** Takes in what became of layers at the host. */
import * as client from '@aws-sdk/client-ecr'
import type { EcrReport } from './effects.ts'
import { repositoryNotFound, uploadNotFound } from './errors.ts'
import { completionOf } from './layers.ts'
import { type EcrContext, findRepository } from './state.ts'

/** Records a layer in its repository and answers the upload that waits for it. */
export function receive(report: EcrReport, context: EcrContext): void {
  const repository = findRepository(context.state, report.repositoryName)
  if (report.uploadId !== undefined && repository) delete repository.uploads[report.uploadId]
  if (report.kind === 'layer-refused') {
    refuse(report, context)
    return
  }
  if (repository) repository.layers[report.digest] = report.sizeBytes
  if (report.uploadId === undefined) return
  const waiting = completionOf(report.uploadId)
  if (!repository) {
    context.settle(waiting, { error: repositoryNotFound(report.repositoryName, context.accountId) })
    return
  }
  const { repositoryName, uploadId, digest: layerDigest } = report
  context.settle(waiting, { value: { registryId: context.accountId, repositoryName, uploadId, layerDigest } })
}

function refuse(report: Extract<EcrReport, { kind: 'layer-refused' }>, context: EcrContext): void {
  const message = `The layer digest '${report.digest}' does not match the digest of the bytes uploaded`
  const error =
    report.reason === 'lost'
      ? uploadNotFound(report.uploadId, report.repositoryName, context)
      : new client.InvalidLayerException({ message, $metadata: {} })
  context.settle(completionOf(report.uploadId), { error })
}
