/** Functions for tests: source text packed as a deployment package, and a client that makes and invokes them. */
import { Lambda } from '@aws-sdk/client-lambda'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { strToU8, zipSync } from 'fflate'

export interface TestLambda extends AsyncDisposable {
  readonly drydock: TestEngine
  readonly client: Lambda
  /** Makes a function from the text of its `index.mjs`, or from several files. */
  make(name: string, source: string | Record<string, string>, more?: object): Promise<void>
  /** Resolves when an invocation of the function begins to run, from now on. */
  started(name: string): Promise<void>
  /** Invokes synchronously; the answer is parsed. */
  invoke(name: string, event?: unknown): Promise<{ answer: unknown; error: string | undefined; log: string }>
}

/** An engine with a Lambda client. */
export async function testLambda(options: Parameters<typeof testEngine>[0] = {}): Promise<TestLambda> {
  const starting = new Map<string, () => void>()
  const drydock = await testEngine({
    ...options,
    onFunctionLog: ({ functionArn, text }) => {
      if (text.startsWith('START')) starting.get(functionArn.split(':').at(-1) ?? '')?.()
    },
  })
  const client = new Lambda(drydock.config)
  return {
    drydock,
    client,
    async make(name, source, more = {}) {
      await client.createFunction({
        FunctionName: name,
        Role: 'arn:aws:iam::123456789012:role/test',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: pack(source) },
        ...more,
      })
    },
    started: (name) => new Promise((resolve) => starting.set(name, resolve)),
    async invoke(name, event = {}) {
      const Payload = JSON.stringify(event)
      const out = await client.invoke({ FunctionName: name, Payload, LogType: 'Tail' })
      return {
        answer: JSON.parse(out.Payload?.transformToString() ?? 'null'),
        error: out.FunctionError,
        log: Buffer.from(out.LogResult ?? '', 'base64').toString(),
      }
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await drydock.close()
    },
  }
}

/** A deployment package: one `index.mjs`, or the files given. */
export function pack(source: string | Record<string, string>): Uint8Array {
  const files = typeof source === 'string' ? { 'index.mjs': source } : source
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))
}
