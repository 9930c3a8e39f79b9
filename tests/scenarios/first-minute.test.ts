/** A new user's first minute: what `npm start` starts serves the example; a second push is served with no other command. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from '@capstan/cli/ask.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { checkout, type Running, run, startProgram, until } from '../fixtures/program.ts'

let capstan: Running
let data: string
let url: string

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'capstan-first-'))
  capstan = await startProgram('capstan', ['dev', '--port', '0', '--data', data])
  url = /https?:\S+\/_drydock\/services\/\S+/.exec(capstan.stderr())?.[0] ?? ''
})
afterAll(async () => {
  await capstan?.stop()
  await rm(data, { recursive: true, force: true })
})

const cli = (...args: string[]) =>
  run(process.execPath, [join(checkout, 'packages/cli/bin/capstan.js'), ...args], {
    AWS_ENDPOINT_URL: capstan.ready.endpoint,
  })

const page = async () => (await fetch(url)).text()

const servedVersion = (version: string) =>
  until(`the page of ${version}`, async () => ((await page()).includes(`web ${version}`) ? true : undefined))

test('the page is served by the load balancer under its DNS name', async () => {
  const { host } = new URL(/http:\S+\.elb\.localhost:\d+\//.exec(capstan.stderr())?.[0] ?? '')
  const { status, text } = await ask(capstan.ready.endpoint, '/', host)
  expect({ status, isPage: text.includes('web 1.0.0') }).toEqual({ status: 200, isPage: true })
})

test('the printed page is served, and one line of JSON tells a program where', async () => {
  expect(await page()).toContain('web 1.0.0')
  const { endpoint, region, accountId, pid } = capstan.ready
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect({ region, accountId, pid }).toEqual({
    region: 'us-east-1',
    accountId: '123456789012',
    pid: capstan.child.pid,
  })
  expect(capstan.stdout().split('\n').filter(Boolean)).toHaveLength(1)
})

test('a push of a new version is served without any other command', async () => {
  const pushed = await cli('image', 'push', 'examples/web/v2', 'web:1.1.0')
  expect(pushed).toMatchObject({ code: 0, stderr: '' })
  await servedVersion('1.1.0')
})

test('the operator sees what happened and why, as a table and as JSON', async () => {
  const completed = async () => {
    const { stdout } = await cli('deployment', 'list', 'default/web', '--json')
    const [latest] = JSON.parse(stdout) as { id: string; state: string }[]
    return latest?.state === 'completed' ? latest.id : undefined
  }
  const id = await until('the deployment is completed', completed)
  const table = await cli('service', 'list')
  expect(table.stdout).toMatch(
    /SERVICE\s+RUNS\s+TRACKS\s+STATE\s+DECISION\ndefault\/web\s+web:1\.1\.0 \(sha256:\w{12}\)\s+web: semver:1\.x/,
  )
  const shown = await cli('deployment', 'show', id)
  expect(shown.stdout).toMatch(/intended[\s\S]+started[\s\S]+completed/)
  const decisions = JSON.parse((await cli('decision', 'list', '--json')).stdout) as {
    kind: string
    sentence: string
  }[]
  expect(decisions.map(({ kind }) => kind)).toContain('deploy')
  expect(decisions.every(({ sentence }) => sentence.length > 0)).toBe(true)
  const plan = JSON.parse((await cli('service', 'plan', '--json')).stdout)
  expect(plan).toEqual([expect.objectContaining({ kind: 'skip', reason: 'already-running' })])
})

test('an operator deploys an older version by hand, follows it, and it stays', async () => {
  const deployed = await cli('service', 'deploy', 'default/web', '--image', '1.0.0', '--json')
  expect(deployed.stderr).toMatch(/running/)
  expect(deployed.code).toBe(0)
  expect(JSON.parse(deployed.stdout)).toMatchObject({ service: 'default/web', code: 0 })
  await servedVersion('1.0.0')
  const [decision] = JSON.parse((await cli('service', 'plan', 'default/web', '--json')).stdout)
  expect(decision).toMatchObject({ kind: 'skip', reason: 'held' })
})

test('an operator rolls back to what was good before, and follows it to its end', async () => {
  const runs = await cli('service', 'deploy', 'default/web', '--image', '1.0.0', '--until', 'verified')
  expect(runs.code).toBe(0)
  const verified = await cli('service', 'deploy', 'default/web', '--image', '1.1.0', '--until', 'verified')
  expect(verified.stdout).toMatch(/^Deployment \S+ is verified: its alarms \(web-5xx\) were quiet for 15s; /)
  const { code, stdout } = await cli('service', 'rollback', 'default/web', '--reason', 'typo', '--json')
  expect(code).toBe(0)
  const { deployment, decisions } = JSON.parse(stdout)
  expect(decisions.at(-1)).toMatchObject({ kind: 'roll-back', reason: 'requested' })
  await servedVersion('1.0.0')
  const table = (await cli('deployment', 'list', 'default/web')).stdout.split('\n')
  expect(table[1]).toMatch(new RegExp(`^${deployment} .* completed .*web:1\\.0\\.0`))
  expect(table[2]).toMatch(/ rolled back .*web:1\.1\.0/)
  const undone = table[2]?.split(' ')[0] ?? ''
  expect((await cli('deployment', 'show', undone)).stdout).toMatch(
    /\+0\.0s +intended .*\n.* started +ECS\n.* completed +ECS\n[\s\S]* verified +Capstan .*\n.* rolled back +.* \(capstan service rollback\) .*typo/,
  )
  const released = await cli('service', 'release', 'default/web', '--reason', 'it was none')
  expect(released.stdout).toMatch(
    /^Releases sha256:\w{12} and the hold on default\/web, as .*: it was none\.\nNext: Deploys web 1\.1\.0/,
  )
  await servedVersion('1.1.0')
}, 120_000)

test('an operator pauses and resumes, and both is written down with the reason', async () => {
  const paused = await cli('service', 'pause', 'default/web', '--reason', 'migration', '--json')
  expect(JSON.parse(paused.stdout)).toMatchObject({ service: 'default/web', pause: { reason: 'migration' } })
  const shown = await cli('service', 'show', 'default/web')
  expect(shown.stdout).toMatch(
    /State +.*paused.*\n[\s\S]*Paused +by .* \(capstan service pause\), \d+s ago: migration/,
  )
  const resumed = await cli('service', 'resume', 'default/web', '--reason', 'it is done.')
  expect(resumed.stdout).toMatch(/^Resumes default\/web, as .* asked: it is done\.\nNext: /)
  expect(resumed.code).toBe(0)
  const again = await cli('service', 'resume', 'default/web', '--reason', 'to be sure')
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(again.stdout).toMatch(/^default\/web is not paused: nothing is changed\./)
})

test('an operator stops the line and lets it go on', async () => {
  const nothing = await cli('freeze', 'list')
  expect(nothing).toMatchObject({ code: 0, stdout: 'Nothing is frozen.\n' })
  const added = await cli('freeze', 'add', '--scope', 'all', '--reason', 'launch', '--for', '2h', '--json')
  const { id, until, state } = JSON.parse(added.stdout)
  expect(state).toBe('holds')
  const listed = await cli('freeze', 'list')
  expect(listed.stdout).toMatch(
    /^ID +SCOPE +STATE +WHEN +BY +REASON\nf-\S+ +all +holds +until \S+ +.* \(capstan freeze add\) +launch\n$/,
  )
  expect(JSON.parse((await cli('freeze', 'list', '--json')).stdout)).toMatchObject([{ id, until, state }])
  const removed = await cli('freeze', 'remove', id)
  expect(removed.stdout).toContain(`Removed freeze ${id} of all.`)
  const again = await cli('freeze', 'remove', id)
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toContain(`There is no freeze '${id}'`)
})

const addFreeze = (...more: string[]) => ['freeze', 'add', '--scope', 'all', '--reason', 'x', ...more]

test.each<[string, string[], number, string]>([
  ['a freeze of nothing', ['freeze', 'add', '--reason', 'x'], 2, '--scope'],
  ['a freeze without a reason', ['freeze', 'add', '--scope', 'all'], 2, '--reason'],
  ['a scope that is none', ['freeze', 'add', '--scope', 'a/b/c', '--reason', 'x'], 2, 'cluster/service'],
  ['a freeze for no time', addFreeze('--for', 'a while'), 2, 'is no duration; write 30s'],
  ['a freeze until no time', addFreeze('--until', 'tomorrow'), 2, 'Write a time such as'],
  ['a freeze that is over', addFreeze('--until', '2020-01-01'), 2, 'is past; write a later time'],
  ['two ends of a freeze', addFreeze('--until', '2090-01-01', '--for', '1h'), 2, 'cannot be used with'],
  [
    'a rule that is none',
    addFreeze('--rule', 'FREQ=NEVER', '--duration', '1h'),
    2,
    'The freeze cannot be read',
  ],
  ['a rule without a duration', addFreeze('--rule', 'FREQ=DAILY'), 2, 'it says no duration; write one'],
  ['a duration without a rule', addFreeze('--duration', '1h'), 2, 'its duration has no beginning'],
  [
    'a time zone that there is not',
    addFreeze('--rule', 'FREQ=DAILY', '--duration', '1h', '--time-zone', 'Mars/Olympus'),
    2,
    'no time zone "Mars/Olympus"',
  ],
  ['a time zone of no rule', addFreeze('--time-zone', 'Europe/Berlin'), 2, 'its time zone is of no rule'],
  ['an unknown command', ['service', 'frobnicate'], 2, 'unknown command'],
  ['an unknown option', ['service', 'list', '--frobnicate'], 2, 'unknown option'],
  ['a service that there is not', ['service', 'show', 'default/nobody'], 1, 'default/nobody'],
  ['a cluster that there is not', ['service', 'show', 'nowhere/web'], 1, 'nowhere'],
  ['a name of three parts', ['service', 'plan', 'a/b/c'], 2, "'a/b/c' does not name a service"],
  ['a tag that the repository has not', ['service', 'deploy', 'default/web', '--image', '9.9.9'], 2, '9.9.9'],
  ['a deployment that there is not', ['deployment', 'show', 'none'], 1, "no deployment 'none'"],
  ['a folder that there is not', ['image', 'push', 'nowhere', 'web:1'], 2, "no directory 'nowhere'"],
  [
    'a reference without a tag',
    ['image', 'push', 'examples/web/v1', 'web'],
    2,
    "'web' does not name where to push",
  ],
  ['a pause without a reason', ['service', 'pause', 'default/web'], 2, '--reason'],
  ['a reason that says nothing', ['service', 'pause', 'default/web', '--reason', ' '], 2, 'Say why'],
  ['a pause of nobody', ['service', 'pause', 'nobody', '--reason', 'x'], 1, 'no service default/nobody'],
  [
    'a digest that is not quarantined',
    ['service', 'release', 'default/web', '--reason', 'x', '--digest', 'sha256:00'],
    2,
    "'sha256:00' is not quarantined",
  ],
  ['a time that is none', ['service', 'deploy', 'default/web', '--timeout', '10'], 2, 'write 10s or 10m'],
  ['a port that is none', ['dev', '--port', 'x'], 2, 'whole number'],
  ['a config that there is not', ['service', 'list', '--config', 'none.ts'], 2, "no file 'none.ts'"],
])('%s is refused with what to do', async (_, args, code, message) => {
  const refused = await cli(...args)
  expect(refused.stderr).toContain(message)
  expect(refused.stdout).toBe('')
  expect(refused.code).toBe(code)
})

test('a state of an older format is refused in one line, and left as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'older-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const kept = '{"format":"drydock-state","version":1,"homes":[]}'
  await writeFile(join(folder, 'state.json'), kept)
  const refused = await cli('dev', '--port', '0', '--data', folder)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/state\.json is of format 1, .*remove its folder to start empty\.\n$/)
  expect(refused.stderr).not.toContain('    at ')
  expect(await readFile(join(folder, 'state.json'), 'utf8')).toBe(kept)
})

test('without an engine the message says how to start one', async () => {
  const args = [join(checkout, 'packages/cli/bin/capstan.js'), 'service', 'list']
  const refused = await run(process.execPath, args, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('npm start')
})

test('a restart keeps what there was and serves it again; Ctrl-C ends every task with 0', async () => {
  expect(await capstan.stop('SIGINT')).toBe(0)
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  capstan = await startProgram('capstan', ['dev', '--port', '0', '--data', data])
  url = /https?:\S+\/_drydock\/services\/\S+/.exec(capstan.stderr())?.[0] ?? ''
  await servedVersion('1.1.0')
  expect(await capstan.stop('SIGTERM')).toBe(0)
})
