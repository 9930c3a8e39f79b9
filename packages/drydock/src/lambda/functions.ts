/** Functions: made, shown, listed, updated and deleted. */

import { isAbsolute } from 'node:path'
import type * as client from '@aws-sdk/client-lambda'
import { pageOf } from '../page.ts'
import type { Handlers } from '../wire/handlers.ts'
import { requireRange } from '../wire/violation.ts'
import { type Archive, inspectArchive } from './archive.ts'
import type { CodeLocation } from './effects.ts'
import { conflict, notImplemented, preconditionFailed, refused } from './errors.ts'
import { findFunction, functionArn, parseFunctionName } from './names.ts'
import { changedSettings, configurationOf, newSettings } from './settings.ts'
import type { FunctionState, LambdaOperationContext } from './state.ts'

/** The bucket that stands for the machine's own folders; S3Key is then an absolute path. Our own, not AWS's. */
const HOT_RELOAD = 'hot-reload'
/** API Reference, ListFunctions: "returns a maximum of 50 items in each response". */
const MOST_LISTED = 50

interface CodeInput {
  readonly ZipFile?: Uint8Array | undefined
  readonly S3Bucket?: string | undefined
  readonly S3Key?: string | undefined
  readonly ImageUri?: string | undefined
}

export const functionOperations = {
  CreateFunction(input, context) {
    const { name } = parseFunctionName(input.FunctionName ?? '')
    if (context.state.functions[name]) {
      throw conflict(`Function already exist: ${name}`)
    }
    refusePublishing(input.Publish)
    const settings = newSettings(name, input)
    const code = readCode(input.Code ?? {})
    const fn: FunctionState = {
      name,
      arn: functionArn(context, name),
      ...code.members,
      settings,
      environmentId: context.newUuid(),
      revisionId: context.newUuid(),
      lastModified: context.now,
      tags: { ...input.Tags },
      policy: {},
    }
    context.state.functions[name] = fn
    storeCode(code, context)
    return configurationOf(fn)
  },

  GetFunction({ FunctionName, Qualifier }, context) {
    const fn = findFunction(FunctionName, Qualifier, context)
    const reserved = fn.reservedConcurrency
    return {
      Configuration: configurationOf(fn),
      // There is no S3 to fetch an archive from, so only a folder has a location.
      Code: {
        RepositoryType: 'S3',
        ...(fn.code.kind === 'folder' ? { Location: `file://${fn.code.path}` } : {}),
      },
      ...(Object.keys(fn.tags).length ? { Tags: { ...fn.tags } } : {}),
      ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    }
  },

  GetFunctionConfiguration({ FunctionName, Qualifier }, context) {
    return configurationOf(findFunction(FunctionName, Qualifier, context))
  },

  ListFunctions({ MaxItems = MOST_LISTED, Marker }, context) {
    requireRange('maxItems', MaxItems, 1, 10_000)
    const { items, nextToken } = pageOf(Object.values(context.state.functions), ({ name }) => name, {
      size: Math.min(MaxItems, MOST_LISTED),
      token: Marker,
      badToken: () => refused('Invalid Marker'),
    })
    return { Functions: items.map(configurationOf), NextMarker: nextToken }
  },

  /** There is one version, which infrastructure tools ask for after every change. */
  ListVersionsByFunction({ FunctionName }, context) {
    const fn = findFunction(FunctionName, undefined, context)
    return { Versions: [{ ...configurationOf(fn), FunctionArn: `${fn.arn}:$LATEST` }] }
  },

  ListAliases({ FunctionName }, context) {
    findFunction(FunctionName, undefined, context)
    return { Aliases: [] }
  },

  /** No function has one; infrastructure tools ask all the same. */
  GetFunctionCodeSigningConfig({ FunctionName }, context) {
    return { FunctionName: findFunction(FunctionName, undefined, context).name, CodeSigningConfigArn: '' }
  },

  UpdateFunctionCode(input, context) {
    const fn = findFunction(input.FunctionName, undefined, context)
    refusePublishing(input.Publish)
    requireRevision(fn, input.RevisionId)
    const code = readCode(input)
    const architecture = input.Architectures?.[0] ?? fn.settings.architecture
    if (input.DryRun) return { ...configurationOf({ ...fn, ...code.members }) }
    Object.assign(fn, code.members)
    fn.settings = { ...fn.settings, architecture }
    storeCode(code, context)
    touch(fn, context)
    return configurationOf(fn)
  },

  UpdateFunctionConfiguration(input, context) {
    const fn = findFunction(input.FunctionName, undefined, context)
    requireRevision(fn, input.RevisionId)
    fn.settings = changedSettings(fn.settings, input)
    touch(fn, context)
    return configurationOf(fn)
  },

  DeleteFunction({ FunctionName, Qualifier }, context) {
    const fn = findFunction(FunctionName, Qualifier, context)
    if (Qualifier !== undefined)
      throw refused('$LATEST version cannot be deleted without deleting the function.')
    delete context.state.functions[fn.name]
    context.ask({ kind: 'retire-environments', functionArn: fn.arn })
    return { StatusCode: 204 }
  },
} satisfies Partial<Handlers<typeof client, LambdaOperationContext>>

interface Code {
  readonly members: Pick<FunctionState, 'code' | 'codeSize' | 'codeSha256'>
  readonly archive?: Archive & { readonly zip: Uint8Array }
}

function readCode({ ZipFile, S3Bucket, S3Key, ImageUri }: CodeInput): Code {
  if (ImageUri !== undefined) throw refused('Functions from container images do not run on this engine.')
  if (S3Bucket !== undefined && S3Bucket !== HOT_RELOAD) {
    throw refused(
      `Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: This engine has no S3; send ZipFile, or S3Bucket '${HOT_RELOAD}' with an absolute folder as S3Key.`,
    )
  }
  if (S3Bucket === HOT_RELOAD) {
    if (!S3Key || !isAbsolute(S3Key))
      throw refused(`With S3Bucket '${HOT_RELOAD}', S3Key must be the absolute path of a folder.`)
    const code: CodeLocation = { kind: 'folder', path: S3Key }
    return { members: { code, codeSize: 0, codeSha256: '' } }
  }
  if (!ZipFile) throw refused('Please provide a source for function code.')
  const archive = inspectArchive(ZipFile)
  const code: CodeLocation = { kind: 'archive', sha256: archive.sha256 }
  const members = { code, codeSize: archive.size, codeSha256: archive.codeSha256 }
  return { members, archive: { ...archive, zip: ZipFile } }
}

function storeCode({ archive }: Code, context: LambdaOperationContext): void {
  if (archive) context.ask({ kind: 'store-code', sha256: archive.sha256, zip: archive.zip })
}

/** After a change of code or configuration no environment of before takes another invocation. */
function touch(fn: FunctionState, context: LambdaOperationContext): void {
  fn.environmentId = context.newUuid()
  fn.revisionId = context.newUuid()
  fn.lastModified = context.now
  context.ask({ kind: 'retire-environments', functionArn: fn.arn })
}

/** Throws PreconditionFailedException if the function has changed since the caller looked. */
export function requireRevision(fn: FunctionState, revisionId: string | undefined): void {
  if (revisionId === undefined || revisionId === fn.revisionId) return
  const message =
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id'
  throw preconditionFailed(message)
}

function refusePublishing(publish: boolean | undefined): void {
  if (publish) throw notImplemented('Publishing versions')
}
