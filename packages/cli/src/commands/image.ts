/** `capstan image push`: a directory becomes an image in ECR. */
import { Failure } from '@capstan/core/failure.ts'
import { Command } from 'commander'

interface PushOptions {
  readonly platform: string
  readonly json?: boolean
}

export function imageCommand(): Command {
  return new Command('image')
    .description('images in ECR')
    .addCommand(
      new Command('push')
        .description(
          "pack DIR as a one-layer image (files under /app, command from package.json's start script) and push it",
        )
        .argument('<dir>', 'the folder that holds the program')
        .argument('<repository:tag>', 'such as web:1.1.0; the repository is made if it is missing')
        .option('--platform <os/architecture>', 'what the image says it runs on', 'linux/amd64')
        .option('--json', 'print the result as JSON')
        .action(push),
    )
}

async function push(directory: string, target: string, { platform, json }: PushOptions): Promise<void> {
  const { repository, tag } = parseTarget(target)
  const { packDirectory } = await import('../image/pack.ts')
  const { pushImage } = await import('../image/push.ts')
  const pushed = await pushImage({}, repository, tag, await packDirectory(directory, { platform }))
  if (json) return console.log(JSON.stringify({ repository, tag, ...pushed }))
  if (pushed.created) console.log(`Made repository ${repository}.`)
  console.log(`Pushed ${pushed.reference}\n       ${pushed.digest}`)
}

/** ECR CreateRepository: repositoryName; distribution-spec: `<reference>` as a tag. */
function parseTarget(text: string): { repository: string; tag: string } {
  const match = /^(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*):(?<tag>\w[\w.-]{0,127})$/.exec(text)
  const { repository, tag } = match?.groups ?? {}
  if (!repository || !tag) {
    throw new Failure(
      'INVALID_REQUEST',
      `'${text}' does not name where to push. Write REPOSITORY:TAG in ECR's terms, without a registry, such as web:1.1.0.`,
    )
  }
  return { repository, tag }
}
