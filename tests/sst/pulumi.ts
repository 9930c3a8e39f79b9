/**
 * Takes the place of the Pulumi CLI, which sst would download. It runs the program that sst has bundled under Pulumi's own
 * mock monitor, with no engine and no provider, and leaves the event log, the state and the graph of resources.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Resource } from './graph.ts'
import { answerOf, outputsOf, type Properties } from './pulumi-answers.ts'
import { writeState } from './pulumi-state.ts'

/** What Pulumi hands over for a resource that the program makes, or reads where it has an `id`. */
interface NewResource {
  readonly type: string
  readonly name: string
  readonly inputs: Properties
  readonly id?: string
  readonly custom?: boolean
}

/** As much of Pulumi's SDK as this needs; it is sst's own copy, which is known only once sst has run. */
interface PulumiSdk {
  readonly runtime: {
    setMocks(
      mocks: {
        newResource(resource: NewResource): { id: string; state: Properties }
        call(call: { readonly token: string; readonly inputs: Properties }): Properties
      },
      project: string,
      stack: string,
      preview: boolean,
      organization: string,
    ): Promise<void>
    setAllConfig(config: Record<string, string>): void
    runInPulumiStack(run: () => Promise<unknown>): Promise<unknown>
  }
}

/** The part of Pulumi's monitor by which a component tells its outputs. */
interface Monitor {
  registerResourceOutputs(
    request: { getUrn(): string; getOutputs(): unknown },
    callback: (...answer: unknown[]) => void,
  ): void
}

/** How Pulumi marks a secret on its way (its SDK, runtime/rpc: `specialSigKey`). */
const SECRET = '4dabf18193072939515e22adb298388d'

const backend = process.cwd() // the program changes the directory
const [command, ...args] = process.argv.slice(2)

if (command === 'stack' && args[0] === 'init') writeState(backend, args[1] ?? '', [])
else if (command === 'up') await run()
else
  throw new Error(`Only what a first deployment asks for is answered, not: pulumi ${process.argv.slice(2)}`)

async function run(): Promise<void> {
  const stack = flagValue('--stack')
  const [organization = '', project = '', stage = ''] = stack.split('/')
  const program = /^main: (.*)$/m.exec(readFileSync(join(backend, 'Pulumi.yaml'), 'utf8'))?.[1] ?? ''
  const config = configOf(args)
  const where = { account: process.env.SST_ACCOUNT ?? '', region: config['aws:region'] ?? '' }
  const require = createRequire(program)
  const pulumi: PulumiSdk = require('@pulumi/pulumi')
  const resources: Resource[] = []
  const errors: unknown[] = []
  process.on('unhandledRejection', (error) => errors.push(error))

  const mocks = {
    newResource({ type, name, inputs, id, custom }: NewResource) {
      resources.push({
        type,
        name,
        custom: custom === true,
        ...(id && { existing: id }),
        inputs: plain(inputs),
      })
      return { id: id || String(inputs.name ?? name), state: outputsOf(type, name, inputs, where) }
    },
    call({ token, inputs }: { readonly token: string; readonly inputs: Properties }) {
      const answer = answerOf(token, inputs, where)
      if (!answer) errors.push(new Error(`Nobody answers ${token}: add it to tests/sst/pulumi-answers.ts.`))
      return answer ?? {}
    },
  }
  await pulumi.runtime.setMocks(mocks, project, stage, false, organization)
  pulumi.runtime.setAllConfig(config)
  const outputs = gatherOutputs(require)
  process.once('beforeExit', () => {
    leave({ stack, stage, config, resources, outputs: Object.fromEntries(outputs) }, errors)
  })
  const start = async () => (await import(pathToFileURL(program).href)).default
  await pulumi.runtime.runInPulumiStack(start).catch((error: unknown) => errors.push(error))
}

/** The outputs of components as they are told, by `type::name`. */
function gatherOutputs(require: NodeJS.Require): Map<string, Properties> {
  const { getMonitor }: { getMonitor(): Monitor } = require('@pulumi/pulumi/runtime/settings')
  const { deserializeProperties }: { deserializeProperties(outputs: unknown): Properties } =
    require('@pulumi/pulumi/runtime/rpc')
  const outputs = new Map<string, Properties>()
  const monitor = getMonitor()
  const register = monitor.registerResourceOutputs.bind(monitor)
  monitor.registerResourceOutputs = (request, callback) => {
    const [type = '', name = ''] = request.getUrn().split('::').slice(-2)
    outputs.set(`${type.split('$').at(-1)}::${name}`, plain(deserializeProperties(request.getOutputs())))
    register(request, callback)
  }
  return outputs
}

interface Result {
  readonly stack: string
  readonly stage: string
  readonly config: Record<string, string>
  readonly resources: readonly Resource[]
  readonly outputs: Record<string, Properties>
}

/** Writes what sst reads when Pulumi has ended, and the graph; ends the process as Pulumi would. */
function leave({ stack, ...graph }: Result, errors: readonly unknown[]): void {
  const log = (event: object) =>
    appendFileSync(flagValue('--event-log'), `${JSON.stringify({ timestamp: 0, ...event })}\n`)
  for (const error of errors) {
    const message = error instanceof Error ? error.stack : String(error)
    log({ diagnosticEvent: { severity: 'error', message } })
  }
  log({ summaryEvent: { resourceChanges: { create: graph.resources.length } } })
  const [, project] = stack.split('/')
  const state = graph.resources.map(({ type, name }) => ({
    urn: `urn:pulumi:${graph.stage}::${project}::${type}::${name}`,
    custom: false,
    type,
    outputs: graph.outputs[`${type}::${name}`] ?? {},
  }))
  writeState(backend, stack, state)
  writeFileSync(process.env.SST_GRAPH_FILE ?? '', JSON.stringify(graph))
  process.exit(errors.length ? 255 : 0)
}

function flagValue(flag: string): string {
  return args[args.indexOf(flag) + 1] ?? ''
}

/** `--config aws:region=eu-west-1`, as often as it is there. */
function configOf(all: readonly string[]): Record<string, string> {
  const settings = all.flatMap((arg, at) => (arg === '--config' ? [all[at + 1] ?? ''] : []))
  return Object.fromEntries(
    settings.map((one) => [one.split('=', 1)[0] ?? '', one.slice(one.indexOf('=') + 1)]),
  )
}

/** Properties as JSON: files by a word, secrets by their value. */
function plain(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plainValue(value)]))
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue)
  if (value === null || typeof value !== 'object') return value
  if ('__pulumiAsset' in value || '__pulumiArchive' in value) return '<asset>'
  if (SECRET in value) return plainValue('value' in value ? value.value : null)
  return plain({ ...value })
}
