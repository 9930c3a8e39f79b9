/** `drydock`: the engine alone. */
import { startDrydock } from '@capstan/drydock'
import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { type EngineOptions, withEngineOptions } from './engine-options.ts'
import { readyLine, untilSignal } from './ready.ts'
import { runProgram } from './run.ts'

const program = withEngineOptions(
  new Command('drydock')
    .description('AWS in one process: ECS that really runs tasks, ECR, EventBridge, Lambda and more')
    .version(manifest.version),
).action(async ({ port, dnsPort, data, tasks, iam, json }: EngineOptions) => {
  const stopping = untilSignal()
  const drydock = await startDrydock({
    port,
    dns: { port: dnsPort },
    tasks,
    iam,
    ...(data && { dataDir: data }),
  })
  if (json) console.log(readyLine(drydock))
  else
    console.error(
      `Drydock listens on ${drydock.endpoint}. Point any AWS client at it with AWS_ENDPOINT_URL. DNS is at ${drydock.dns}.`,
    )
  await stopping
  await drydock.close()
})

await runProgram(program, process.argv)
