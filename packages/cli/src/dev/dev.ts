/** Capstan on one machine: an engine, Capstan installed in it, and the example. */
import { join } from 'node:path'
import { checkConfig } from '@capstan/core/check-config.ts'
import { type Drydock, type DrydockOptions, startDrydock } from '@capstan/drydock'
import { rules } from '../../../../functions/rules.ts'
import { type Answer, ask } from '../ask.ts'
import type { DevOptions } from '../commands/dev.ts'
import { withLines } from '../config/finding.ts'
import { checkout, findConfig } from '../config-file.ts'
import { loadConfig } from '../operator.ts'
import { readyLine, untilSignal } from '../ready.ts'
import { engineConfig, type SdkConfig } from '../sdk.ts'
import { until } from '../until.ts'
import { bundleFunctions } from './bundle.ts'
import { createExample, EXAMPLE } from './example.ts'
import { isServing } from './example-balancer.ts'
import { install } from './install.ts'
import { keepSweeping } from './sweep.ts'

/** An engine with Capstan in it. */
export interface CapstanOnDrydock {
  readonly drydock: Drydock
  readonly sdk: Required<SdkConfig>
}

/** Starts an engine and installs Capstan in it, with the fleet's settings from `configFile`. */
export async function startCapstan(options: DrydockOptions, configFile: string): Promise<CapstanOnDrydock> {
  const doors = rules.map(({ door }) => join(checkout, 'functions', `${door}.ts`))
  const bundling = bundleFunctions(doors, configFile)
  bundling.catch(() => {}) // awaited below, once the engine listens
  const drydock = await startDrydock(options)
  const sdk = engineConfig(drydock.endpoint)
  try {
    await install(sdk, await bundling)
  } catch (error) {
    await drydock.close()
    throw error
  }
  return { drydock, sdk }
}

/** Runs until SIGINT or SIGTERM: says what is there and what to try, and ends every task before it returns. */
export async function runDev(options: DevOptions): Promise<void> {
  const stopping = untilSignal()
  const { port, dnsPort, tasks, iam, data } = options
  const configFile = findConfig(options.config)
  const settings = await loadConfig(configFile)
  for (const { sentence } of await withLines(configFile, settings, checkConfig(settings)))
    console.error(sentence)
  console.error('Starting Drydock and installing Capstan in it …')
  const { drydock, sdk } = await startCapstan(
    { port, dns: { port: dnsPort }, tasks, iam, ...(data && { dataDir: data }) },
    configFile,
  )
  const stopSweeping = keepSweeping(sdk, (trouble) => console.error(trouble))
  try {
    await Promise.race([announce(drydock, sdk, options), stopping])
    await stopping
    console.error('Stopping every task …')
  } finally {
    stopSweeping()
    await drydock.close()
  }
}

/** Says what is there, once it is: to people on stderr, to programs by one line on stdout. */
async function announce(drydock: Drydock, sdk: SdkConfig, { empty, tasks, json }: DevOptions): Promise<void> {
  if (empty) console.error(`Capstan runs on Drydock at ${drydock.endpoint}. Ctrl-C ends it.`)
  else await showExample(drydock, sdk, tasks !== 'simulated')
  if (json) console.log(readyLine(drydock))
}

async function showExample(drydock: Drydock, sdk: SdkConfig, serves: boolean): Promise<void> {
  const { endpoint } = drydock
  const name = await createExample(sdk, join(checkout, 'examples', 'web', 'v1'))
  const byTask = `/_drydock/services/${EXAMPLE.cluster}/${EXAMPLE.service}/`
  if (serves && name) await untilServed(async () => (await isServing(sdk)) && ask(endpoint, '/', name))
  else if (serves) await untilServed(() => ask(endpoint, byTask))
  const url = name && `http://${name}:${new URL(endpoint).port}/`
  console.error(welcome(endpoint, url ? [url, `${endpoint}${byTask}`] : [`${endpoint}${byTask}`]))
}

/** The second address is that of a task: for what does not take names that end in .localhost for this machine. */
function welcome(endpoint: string, urls: readonly string[]): string {
  return `
Capstan runs on Drydock at ${endpoint}.

  The example, web, is served here:         ${urls.join('\n  and, past the load balancer, here:        ')}

Try, in another terminal:

  export AWS_ENDPOINT_URL=${endpoint}
  npx capstan image push examples/web/v2 web:1.1.0     # a new version: watch the page change by itself
  npx capstan image push examples/web/v3 web:1.2.0     # a bad one, once 1.1.0 is verified: it comes, fails, is hauled back
  npx capstan service show default/web                 # what happened, and why

Ctrl-C ends it, with every task.`
}

/** Resolves when the page answers 200: a task may be RUNNING before its program listens. */
async function untilServed(page: () => Promise<Answer | false>): Promise<void> {
  let last = 'none: no target is healthy'
  await until(
    () => `the example is served; its last answer was ${last}`,
    async () => {
      const answer = await page()
      if (answer) last = `${answer.status} ${answer.text.slice(0, 300)}`
      return (answer && answer.status === 200) || undefined
    },
  )
}
