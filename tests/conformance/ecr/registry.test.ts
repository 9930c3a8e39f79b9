/** The registry protocol (OCI distribution-spec v1.1), by plain HTTP: what clients rely on, and what goes wrong. */
import { request } from 'node:http'
import { blob, buildImage, buildIndex, descriptorOf, sha256 } from '@capstan/drydock/ecr/testing.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, type TestRegistry, testRegistry } from './harness.ts'

let registry: TestRegistry
beforeAll(async () => {
  registry = await testRegistry('web', 'other')
})
afterAll(async () => {
  expect(registry.drydock.faults).toEqual([])
  await registry[Symbol.asyncDispose]()
})

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())
const layer = (text: string) => blob('application/octet-stream', text)

test.each<[string, string | undefined]>([
  ['no credentials', undefined],
  ['another user', `Basic ${btoa('me:token')}`],
  ['a token of nobody', `Basic ${btoa('AWS:token')}`],
  ['a bearer token', 'Bearer token'],
])('with %s there is nothing to see', async (_, authorization) => {
  const response = await fetch(`${registry.drydock.endpoint}/v2/`, {
    headers: authorization ? { authorization } : {},
  })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="http:\/\/127\.0\.0\.1:\d+\/"/)
  expect(await codeOf(response)).toBe('UNAUTHORIZED')
})

test('a forged token opens no account', async () => {
  const payload = Buffer.from(
    JSON.stringify({ accountId: '000000000000', region: 'eu-west-1', expiresAt: 9e15 }),
  )
  const password = `${payload.toString('base64url')}.${'A'.repeat(43)}`
  const authorization = `Basic ${btoa(`AWS:${password}`)}`
  const response = await fetch(`${registry.drydock.endpoint}/v2/`, { headers: { authorization } })
  expect(response.status).toBe(401)
  expect(JSON.stringify(registry.drydock.engine.snapshot())).not.toContain('000000000000')
})

test('with the token the registry answers, and lists its repositories', async () => {
  expect((await registry.send('GET', '')).status).toBe(200)
  expect(await (await registry.send('GET', '_catalog')).json()).toEqual({ repositories: ['other', 'web'] })
})

test('a push to a repository that does not exist is refused', async () => {
  for (const response of [
    await registry.send('POST', 'none/blobs/uploads/'),
    await registry.send('PUT', 'none/manifests/v1', { body: '{}' }),
    await registry.send('GET', 'none/tags/list'),
  ]) {
    expect(response.status).toBe(404)
    expect(await codeOf(response)).toBe('NAME_UNKNOWN')
  }
})

test('a blob in one request is there, whole and in parts', async () => {
  const one = layer('0123456789')
  const created = await registry.upload('web', one)
  expect(created.status).toBe(201)
  expect(created.headers.get('docker-content-digest')).toBe(one.digest)
  const path = `web/blobs/${one.digest}`
  const head = await registry.send('HEAD', path)
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
  expect(await bytesOf(await registry.send('GET', path))).toEqual(one.bytes)
  const range = async (value: string) => {
    const response = await registry.send('GET', path, { headers: { range: value } })
    return [response.status, response.headers.get('content-range'), await response.text()]
  }
  expect(await range('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234'])
  expect(await range('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789'])
  expect(await range('bytes=-2')).toEqual([206, 'bytes 8-9/10', '89'])
  expect((await range('bytes=10-'))[0]).toBe(416)
})

test('a blob of no bytes is a blob', async () => {
  const empty = layer('')
  expect((await registry.upload('web', empty)).status).toBe(201)
  expect(await bytesOf(await registry.send('GET', `web/blobs/${empty.digest}`))).toEqual(Buffer.alloc(0))
})

test('a blob belongs to its repository, until it is mounted in another', async () => {
  const one = layer('mounted')
  await registry.upload('web', one)
  expect((await registry.send('HEAD', `other/blobs/${one.digest}`)).status).toBe(404)
  const elsewhere = await registry.send('POST', `other/blobs/uploads/?mount=${one.digest}&from=none`)
  expect(elsewhere.status).toBe(202)
  const mounted = await registry.send('POST', `other/blobs/uploads/?mount=${one.digest}&from=web`)
  expect(mounted.status).toBe(201)
  expect(await bytesOf(await registry.send('GET', `other/blobs/${one.digest}`))).toEqual(one.bytes)
})

/** Begins an upload. Returns its path below `/v2/`. */
async function begin(): Promise<string> {
  const response = await registry.send('POST', 'web/blobs/uploads/')
  expect(response.status).toBe(202)
  return response.headers.get('location')?.replace('/v2/', '') ?? ''
}

const chunk = (path: string, body: string, range?: string) =>
  registry.send('PATCH', path, { body, headers: range ? { 'content-range': range } : {} })

test('a blob comes in chunks, each after the other', async () => {
  const path = await begin()
  const first = await chunk(path, 'hello ', '0-5')
  expect([first.status, first.headers.get('range')]).toEqual([202, '0-5'])
  const wrong = await chunk(path, 'there', '7-11')
  expect([wrong.status, wrong.headers.get('range')]).toEqual([416, '0-5'])
  expect(await codeOf(await chunk(path, 'there', '6-8'))).toBe('SIZE_INVALID')
  const status = await registry.send('GET', path)
  expect([status.status, status.headers.get('range')]).toEqual([204, '0-5'])
  expect((await chunk(path, 'wor', '6-8')).status).toBe(202)
  const one = layer('hello world')
  const done = await registry.send('PUT', `${path}?digest=${one.digest}`, { body: 'ld' })
  expect(done.status).toBe(201)
  expect(await (await registry.send('GET', `web/blobs/${one.digest}`)).text()).toBe('hello world')
  expect(await codeOf(await registry.send('PUT', `${path}?digest=${one.digest}`))).toBe('BLOB_UPLOAD_UNKNOWN')
})

test('a chunk that comes twice at once is taken once', async () => {
  const path = await begin()
  const answers = await Promise.all([chunk(path, 'twice', '0-4'), chunk(path, 'twice', '0-4')])
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 416])
  const again = await registry.send('PUT', `${path}?digest=${layer('twice').digest}`, {
    body: 'twice',
    headers: { 'content-range': '0-4' },
  })
  expect([again.status, again.headers.get('range')]).toEqual([416, '0-4'])
  expect((await registry.send('PUT', `${path}?digest=${layer('twice').digest}`)).status).toBe(201)
})

test('bytes that hash to something else are no blob, and nothing is left of them', async () => {
  const claimed = sha256('something else')
  const path = await begin()
  await chunk(path, 'this')
  const response = await registry.send('PUT', `${path}?digest=${claimed}`)
  expect(response.status).toBe(400)
  expect(await codeOf(response)).toBe('DIGEST_INVALID')
  expect((await registry.send('HEAD', `web/blobs/${claimed}`)).status).toBe(404)
  expect((await registry.send('GET', path)).status).toBe(404)
  for (const digest of ['', 'sha256:abc', `md5:${'0'.repeat(32)}`]) {
    expect(await codeOf(await registry.send('PUT', `${await begin()}?digest=${digest}`))).toBe(
      'DIGEST_INVALID',
    )
  }
})

test('an upload that is given up is gone', async () => {
  const path = await begin()
  expect((await registry.send('DELETE', path)).status).toBe(204)
  expect(await codeOf(await chunk(path, 'x'))).toBe('BLOB_UPLOAD_UNKNOWN')
})

test('an upload is not continued from another repository', async () => {
  const path = await begin()
  expect(await codeOf(await chunk(path.replace('web/', 'other/'), 'x'))).toBe('BLOB_UPLOAD_UNKNOWN')
})

/** Sends half of a body and breaks off the connection. */
async function breakOff(method: string, path: string): Promise<void> {
  const sent = request(`${registry.drydock.endpoint}/v2/${path}`, {
    method,
    headers: { authorization: registry.authorization, 'content-length': 1000 },
  })
  sent.on('error', () => {}) // this end breaks it
  await new Promise<void>((resolve) => void sent.write('x'.repeat(500), () => resolve()))
  sent.destroy()
  await new Promise((resolve) => sent.on('close', resolve))
}

test('a chunk that breaks off is not there; the upload goes on from before it', async () => {
  const path = await begin()
  await chunk(path, 'kept ')
  await breakOff('PATCH', path)
  const one = layer('kept on')
  await expect.poll(async () => (await registry.send('GET', path)).headers.get('range')).toBe('0-4')
  expect((await chunk(path, 'on', '5-6')).status).toBe(202)
  expect((await registry.send('PUT', `${path}?digest=${one.digest}`)).status).toBe(201)
})

test('an upload in one request that breaks off leaves nothing', async () => {
  const digest = sha256('x'.repeat(1000))
  await breakOff('POST', `web/blobs/uploads/?digest=${digest}`)
  const path = await begin()
  await breakOff('PUT', `${path}?digest=${digest}`)
  await expect.poll(async () => (await registry.send('GET', path)).status).toBe(404)
  expect((await registry.send('HEAD', `web/blobs/${digest}`)).status).toBe(404)
})

test('a manifest comes back byte for byte, by tag and by digest', async () => {
  const image = buildImage({ more: { annotations: { note: 'ünï' } } })
  const created = await registry.push('web', image, 'v1')
  expect([created.status, created.headers.get('docker-content-digest')]).toEqual([201, image.digest])
  for (const reference of ['v1', image.digest]) {
    const response = await registry.send('GET', `web/manifests/${reference}`)
    expect(response.headers.get('content-type')).toBe(image.mediaType)
    expect(response.headers.get('docker-content-digest')).toBe(image.digest)
    expect(sha256(await bytesOf(response))).toBe(image.digest)
  }
  const head = await registry.send('HEAD', 'web/manifests/v1')
  expect([head.status, head.headers.get('content-length')]).toEqual([
    200,
    String(Buffer.byteLength(image.manifest)),
  ])
  expect(await codeOf(await registry.send('GET', 'web/manifests/none'))).toBe('MANIFEST_UNKNOWN')
})

test('pushing the same again succeeds and changes nothing', async () => {
  const image = buildImage({ layers: [[{ path: 'same', text: 'same' }]] })
  await registry.push('web', image, 'same')
  expect((await registry.push('web', image, 'same')).status).toBe(201)
  expect((await registry.push('web', image)).status).toBe(201)
})

test.each<[string, string, string | Uint8Array, string, number]>([
  ['is no JSON', 'v2', '{', 'MANIFEST_INVALID', 400],
  ['is no UTF-8', 'v2', new Uint8Array([0x22, 0xff, 0x22]), 'MANIFEST_INVALID', 400],
  ['is over 4 MiB', 'v2', ' '.repeat(4_194_305), 'MANIFEST_INVALID', 413],
  ['has another digest', sha256('else'), buildImage().manifest, 'DIGEST_INVALID', 400],
  ['has a bad digest', 'sha256:1', buildImage().manifest, 'DIGEST_INVALID', 400],
  ['has a bad tag', '-v', buildImage().manifest, 'TAG_INVALID', 400],
  [
    'lacks its layers',
    'v2',
    buildImage({ layers: [[{ path: 'no' }]] }).manifest,
    'MANIFEST_BLOB_UNKNOWN',
    404,
  ],
  ['lacks its images', 'v2', buildIndex([buildImage({ layers: [] })]).manifest, 'MANIFEST_BLOB_UNKNOWN', 404],
])('a manifest that %s is refused', async (_, reference, body, code, status) => {
  await registry.push('web', buildImage())
  const response = await registry.send('PUT', `web/manifests/${reference}`, {
    body: new Blob([typeof body === 'string' ? body : new Uint8Array(body)]),
  })
  expect([response.status, await codeOf(response)]).toEqual([status, code])
})

test('tags come in pages, in order', async () => {
  const image = buildImage({ layers: [[{ path: 'tagged' }]] })
  for (const tag of ['c', 'a', 'b']) await registry.push('other', image, tag)
  const first = await registry.send('GET', 'other/tags/list?n=2')
  expect(await first.json()).toEqual({ name: 'other', tags: ['a', 'b'] })
  expect(first.headers.get('link')).toBe('</v2/other/tags/list?n=2&last=b>; rel="next"')
  const second = await registry.send('GET', 'other/tags/list?n=2&last=b')
  expect(await second.json()).toEqual({ name: 'other', tags: ['c'] })
  expect(second.headers.get('link')).toBeNull()
})

test('what refers to an image is found by the image', async () => {
  const image = buildImage({ layers: [[{ path: 'signed' }]] })
  await registry.push('web', image, 'signed')
  const more = {
    subject: descriptorOf(image),
    artifactType: 'application/vnd.example.signature',
    annotations: { by: 'me' },
  }
  const signature = buildImage({ more })
  const pushed = await registry.push('web', signature)
  expect(pushed.headers.get('oci-subject')).toBe(image.digest)
  const found = await registry.send('GET', `web/referrers/${image.digest}`)
  expect(found.headers.get('content-type')).toBe('application/vnd.oci.image.index.v1+json')
  const descriptor = {
    ...descriptorOf(signature),
    artifactType: more.artifactType,
    annotations: more.annotations,
  }
  expect(await found.json()).toMatchObject({ schemaVersion: 2, manifests: [descriptor] })
  const none = await registry.send('GET', `web/referrers/${image.digest}?artifactType=else`)
  expect(none.headers.get('oci-filters-applied')).toBe('artifactType')
  expect(await none.json()).toMatchObject({ manifests: [] })
})

test('a tag and an image are deleted, an image of an index is not', async () => {
  const [a, b] = [buildImage({ layers: [[{ path: 'a' }]] }), buildImage({ layers: [[{ path: 'b' }]] })]
  const index = buildIndex([a, b])
  await registry.push('web', index, 'multi')
  const refused = await registry.send('DELETE', `web/manifests/${a.digest}`)
  expect([refused.status, await codeOf(refused)]).toEqual([405, 'UNSUPPORTED'])
  expect((await registry.send('DELETE', 'web/manifests/multi')).status).toBe(202)
  expect((await registry.send('DELETE', `web/manifests/${a.digest}`)).status).toBe(202)
  expect(await codeOf(await registry.send('GET', `web/manifests/${index.digest}`))).toBe('MANIFEST_UNKNOWN')
  expect(await codeOf(await registry.send('DELETE', 'web/manifests/multi'))).toBe('MANIFEST_UNKNOWN')
})

test('what is not supported says so', async () => {
  for (const [method, path] of [
    ['DELETE', `web/blobs/${sha256('')}`],
    ['POST', 'web/manifests/v1'],
    ['GET', 'web/else'],
  ] as const) {
    expect(await codeOf(await registry.send(method, path))).toBe('UNSUPPORTED')
  }
  expect((await registry.send('GET', '%ff/tags/list')).status).toBe(400)
})

test('a token lasts twelve hours of the engine', async () => {
  await using own = await testRegistry('web')
  await own.drydock.engine.advance('11h')
  expect((await own.send('GET', '')).status).toBe(200)
  await own.drydock.engine.advance('1h')
  const response = await own.send('GET', '')
  expect([response.status, await codeOf(response)]).toEqual([403, 'DENIED'])
})
