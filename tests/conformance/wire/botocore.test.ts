/** The same round trip as roundtrip.test.ts with an independent implementation of the protocols: Python's botocore. */
import { execFile, spawnSync } from 'node:child_process'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { clientNames, loadPackage } from './clients.ts'
import { type Recorder, startRecorder } from './recorder.ts'

const script = fileURLToPath(new URL('botocore_roundtrip.py', import.meta.url))

test('every operation of botocore arrives unchanged, input and output', async ({ skip }) => {
  const probe = spawnSync('python3', ['-c', 'import boto3'])
  if (probe.status !== 0 && process.env.CI !== 'true') skip('SKIPPED: there is no python3 with boto3 here')
  const packages = await Promise.all(clientNames.map(loadPackage))
  const recorder = await startRecorder(packages, (each) => [{ path: '/__control', listener: control(each) }])
  try {
    const { stdout } = await promisify(execFile)('python3', [script, recorder.endpoint], {
      maxBuffer: 2 ** 28,
    })
    const { compared, problems } = JSON.parse(stdout) as { compared: number; problems: unknown[] }
    expect(problems).toEqual([])
    expect(compared).toBeGreaterThan(3000)
    expect(recorder.faults).toEqual([])
  } finally {
    await recorder.close()
  }
})

/** GET: the last input. POST: the next reply. */
function control(recorder: Recorder): RequestListener {
  return (request, response) => {
    text(request).then(
      (body) => {
        if (request.method === 'POST')
          Object.assign(recorder, { reply: untag(JSON.parse(body)), input: undefined })
        response.end(JSON.stringify(tag(recorder.input) ?? null))
      },
      () => response.destroy(),
    )
  }
}

/** JSON has no dates or bytes: they travel as $date and $bytes. */
function tag(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value instanceof String) return String(value)
  if (typeof value === 'bigint') return Number(value)
  // Text of digits and numbers are compared as one: see the script.
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value)
  if (Array.isArray(value)) return value.map(tag)
  return isRecord(value) ? mapValues(value, tag) : value
}

function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag)
  if (!isRecord(value)) return value
  if ('$date' in value) return new Date(Number(value.$date))
  return '$bytes' in value ? Buffer.from(String(value.$bytes), 'base64') : mapValues(value, untag)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const mapValues = (value: Record<string, unknown>, map: (each: unknown) => unknown) =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, map(each)] as const])),
  )
