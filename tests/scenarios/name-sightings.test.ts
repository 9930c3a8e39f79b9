/** The judgement of names in motion, on sightings that are made up: each fault is found, and nothing else. */
import { expect, test } from 'vitest'
import { type Answer, awakeMs, judge, livesOf, type Probe, type Sight, tableOf } from './name-sightings.ts'

const A = '127.64.0.1'
const B = '127.64.0.2'

/** Questions every 100 ms from `from` on, each answered within ten. */
const answers = (from: number, ...told: readonly (readonly string[])[]): Answer[] =>
  told.map((addresses, index) => {
    const askedAt = from + index * 100
    return { askedAt, answeredAt: askedAt + 10, addresses }
  })

/** Probes every 100 ms from `from` on: `y` is accepted, `n` is refused. */
const probes = (address: string, from: number, outcomes: string): Probe[] =>
  [...outcomes].map((outcome, index) => {
    const startedAt = from + index * 100
    return { address, startedAt, endedAt: startedAt + 5, isAccepted: outcome === 'y' }
  })

const sight = (seen: Partial<Sight>): Sight => ({
  answers: [],
  probes: [],
  standstills: [],
  healthyAt: new Map([
    [A, 0],
    [B, 0],
  ]),
  marks: [{ what: 'all', at: 0 }],
  ...seen,
})

const nothing = { what: 'all', stale: [], soon: [], early: 0, empty: 0, emptyMs: 0 }

test.each([
  ['accepts', 'nnyy', { deafUntil: 100, acceptsFrom: 205, acceptsUntil: 300 }],
  ['stops', 'yyn', { acceptsFrom: 5, acceptsUntil: 100, refusedFrom: 205 }],
  ['was refused in between', 'ynyy', { acceptsFrom: 5, acceptsUntil: 300 }],
  ['never accepts', 'nn', { deafUntil: 100 }],
  ['only ever accepts', 'y', { acceptsFrom: 5, acceptsUntil: 0 }],
])('the probes of an address that %s', (_, outcomes, life) => {
  expect(livesOf(probes(A, 0, outcomes))).toEqual([{ address: A, ...life }])
})

test('a task that is answered after it stopped is stale since it was refused, at most since it was accepted', () => {
  const seen = sight({ probes: probes(A, 0, 'yynnn'), answers: answers(50, [A], [A], [A], [A], [], []) })
  expect(judge(seen)).toEqual([{ ...nothing, stale: [{ least: 145, most: 250 }], soon: [55] }])
})

test('a task that is not answered any more when it stops is not stale', () => {
  const seen = sight({ probes: probes(A, 0, 'yyyynn'), answers: answers(20, [A], [A], [B], [B], [B]) })
  expect(judge(seen)).toEqual([{ ...nothing, stale: [{ least: 0, most: 0 }], soon: [25] }])
})

test('a standstill is not held against the name', () => {
  const standstills = [{ from: 150, until: 290 }]
  const seen = sight({ probes: probes(A, 0, 'yynnn'), answers: answers(50, [A], [A], [A], [A]), standstills })
  expect(judge(seen)).toMatchObject([{ stale: [{ least: 60, most: 110 }] }])
})

test('an empty answer counts where a healthy task accepted before and after it', () => {
  const told = answers(20, [A], [], [], [A])
  expect(judge(sight({ probes: probes(A, 0, 'yyyyy'), answers: told }))).toEqual([
    { ...nothing, soon: [25], empty: 2, emptyMs: 200 },
  ])
})

test.each([
  ['no task accepts', sight({ probes: probes(A, 0, 'ynnnn'), answers: answers(20, [], [], []) })],
  ['a task may just have stopped', sight({ probes: probes(A, 0, 'yynnn'), answers: answers(120, []) })],
  [
    'no task is healthy yet',
    sight({ probes: probes(A, 0, 'yyyyy'), healthyAt: new Map(), answers: answers(20, []) }),
  ],
])('an empty answer is right where %s', (_, seen) => {
  expect(judge(seen)).toMatchObject([{ empty: 0, emptyMs: 0 }])
})

test('an answer that leads to a task before it accepts is too early', () => {
  const seen = sight({ probes: probes(A, 0, 'nnnyy'), answers: answers(20, [A], [A], [A], [A], [A]) })
  expect(judge(seen)).toEqual([{ ...nothing, early: 2, soon: [0] }])
})

test('a task that never accepts and is answered is too early for as long as it is probed', () => {
  const seen = sight({ probes: probes(A, 0, 'nnn'), answers: answers(20, [A], [A], [A]) })
  expect(judge(seen)).toEqual([{ ...nothing, early: 2 }])
})

test('how soon a task is answered counts from when it accepts and is healthy', () => {
  const seen = sight({
    probes: probes(A, 0, 'nyyyyy'),
    healthyAt: new Map([[A, 250]]),
    answers: answers(20, [B], [B], [B], [B], [A]),
  })
  expect(judge(seen)).toEqual([{ ...nothing, soon: [180] }])
})

test('each task is put down to what was done last before it began or stopped', () => {
  const seen = sight({
    probes: [...probes(A, 0, 'yyyynnnn'), ...probes(B, 0, 'nnnnnnny')],
    answers: answers(20, [A], [A], [A], [A], [A], [B], [B], [B]),
    marks: [
      { what: 'scale-in', at: 200 },
      { what: 'deployment', at: 500 },
    ],
  })
  expect(judge(seen)).toEqual([
    { ...nothing, what: 'scale-in', stale: [{ least: 15, most: 120 }] },
    { ...nothing, what: 'deployment', soon: [0], early: 1 },
  ])
})

test.each([
  ['none', [], 100],
  ['one inside', [{ from: 120, until: 150 }], 70],
  ['one across the beginning', [{ from: 0, until: 150 }], 50],
  ['one that covers it all', [{ from: 0, until: 900 }], 0],
  ['one elsewhere', [{ from: 300, until: 400 }], 100],
])('the time awake, with standstills: %s', (_, standstills, expected) => {
  expect(awakeMs(100, 200, standstills)).toBe(expected)
})

const spans = (...most: readonly number[]) => most.map((ms) => ({ least: ms - 100, most: ms }))

test('the table has a row for each name under each mark', () => {
  const good = { what: 'crash', stale: spans(120, 250), soon: [80], early: 0, empty: 0, emptyMs: 0 }
  const bad = { what: 'crash', stale: spans(2600), soon: [], early: 3, empty: 2, emptyMs: 210 }
  const judged = [
    { name: 'one', judgements: [good] },
    { name: 'two', judgements: [bad] },
  ]
  expect(tableOf(judged, 1).split('\n')).toEqual([
    '       name  stopped  still answered  with its TTL  empty       began  answered within  too early',
    'crash  one   2        0.25 s          1.25 s        0           1      0.08 s           0',
    '       two   1        2.60 s          3.60 s        2 (0.21 s)  0      -                3',
  ])
})
