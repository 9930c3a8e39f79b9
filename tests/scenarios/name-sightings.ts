/**
 * Judges what was seen of a name while its tasks came and went: whether answers led to tasks that accept nothing any
 * more, or nothing yet, and whether there were none although a task could serve. Pure; times in milliseconds.
 */

/** One question and what came back for it. */
export interface Answer {
  readonly askedAt: number
  readonly answeredAt: number
  readonly addresses: readonly string[]
}

/** One try to connect to an address. */
export interface Probe {
  readonly address: string
  readonly startedAt: number
  readonly endedAt: number
  readonly isAccepted: boolean
}

/** A stretch in which the machine let the observer do nothing: that time is held against nobody. */
export interface Standstill {
  readonly from: number
  readonly until: number
}

/** Something that was done to the tasks; what happens from then on, until the next one, is put down to it. */
export interface Mark {
  readonly what: string
  readonly at: number
}

/** All that was seen of one name and of the tasks that it is of. */
export interface Sight {
  readonly answers: readonly Answer[]
  readonly probes: readonly Probe[]
  readonly standstills: readonly Standstill[]
  /** Since when a task can have been healthy, by its address. */
  readonly healthyAt: ReadonlyMap<string, number>
  readonly marks: readonly Mark[]
}

/** What an address did, as far as its probes can tell. */
export interface Life {
  readonly address: string
  /** When the last probe began that was refused before any was accepted: until then it accepted nothing for certain. */
  readonly deafUntil?: number
  /** When the first accepted probe had ended. */
  readonly acceptsFrom?: number
  /** When the last accepted probe began. */
  readonly acceptsUntil?: number
  /** When the first probe that was refused after that had ended. */
  readonly refusedFrom?: number
}

/** How long something was so (ms): for certain, and at most, since nothing is known of what is between two probes. */
export interface Span {
  readonly least: number
  readonly most: number
}

/** What one mark led to, at one name. */
export interface Judgement {
  readonly what: string
  /** For each task that stopped accepting: how long after that it was still answered. */
  readonly stale: readonly Span[]
  /** For each task that began: how long after it accepted and was healthy it was first answered; 0 where it was before. */
  readonly soon: readonly number[]
  /** Answers that led to a task that accepted nothing yet. */
  readonly early: number
  /** Answers without an address while a healthy task accepted connections, and how long they held. */
  readonly empty: number
  readonly emptyMs: number
}

/** What each mark led to, in their order. What happened before the first one is not judged. */
export function judge(sight: Sight): Judgement[] {
  const lives = livesOf(sight.probes)
  return sight.marks.map(({ what, at }, index) => {
    const next = sight.marks[index + 1]?.at ?? Infinity
    const isHere = (time: number | undefined) => time !== undefined && time >= at && time < next
    const began = lives.filter(({ acceptsFrom }) => isHere(acceptsFrom))
    const stopped = lives.filter(({ refusedFrom }) => isHere(refusedFrom))
    const empty = emptyAnswers(sight, lives).filter(({ askedAt }) => isHere(askedAt))
    return {
      what,
      stale: stopped.map((life) => staleFor(life, sight)),
      soon: began.flatMap((life) => soonMs(life, sight) ?? []),
      early: earlyAnswers(sight, lives).filter(({ askedAt }) => isHere(askedAt)).length,
      empty: empty.length,
      emptyMs: empty.reduce((sum, answer) => sum + heldMs(answer, sight), 0),
    }
  })
}

/** What the probes tell of each address. */
export function livesOf(probes: readonly Probe[]): Life[] {
  const byAddress = Map.groupBy(probes, ({ address }) => address)
  return [...byAddress].map(([address, own]) => {
    const inOrder = own.toSorted((a, b) => a.startedAt - b.startedAt)
    const first = inOrder.findIndex(({ isAccepted }) => isAccepted)
    const last = inOrder.findLastIndex(({ isAccepted }) => isAccepted)
    const deafUntil = inOrder.at(first < 0 ? -1 : first - 1)?.startedAt
    return {
      address,
      ...(first !== 0 && deafUntil !== undefined && { deafUntil }),
      ...timesOf(inOrder[first], inOrder[last], first < 0 ? undefined : inOrder[last + 1]),
    }
  })
}

const timesOf = (first: Probe | undefined, last: Probe | undefined, refused: Probe | undefined) => ({
  ...(first && { acceptsFrom: first.endedAt }),
  ...(last && { acceptsUntil: last.startedAt }),
  ...(refused && { refusedFrom: refused.endedAt }),
})

const tells = ({ addresses }: Answer, { address }: Pick<Life, 'address'>) => addresses.includes(address)

/** From when it was first refused, and from when it was last accepted, until it was last asked for and answered. */
function staleFor(
  { acceptsUntil = Infinity, refusedFrom = Infinity, ...life }: Life,
  { answers, standstills }: Sight,
): Span {
  const asked = answers.findLast((answer) => tells(answer, life))?.askedAt ?? -Infinity
  const since = (from: number) => (asked > from ? awakeMs(from, asked, standstills) : 0)
  return { least: since(refusedFrom), most: since(acceptsUntil) }
}

function soonMs(life: Life, { answers, healthyAt, standstills }: Sight): number | undefined {
  const ready = Math.max(life.acceptsFrom ?? Infinity, healthyAt.get(life.address) ?? Infinity)
  const first = answers.find((answer) => tells(answer, life))
  if (!first || ready === Infinity) return undefined
  return first.answeredAt > ready ? awakeMs(ready, first.answeredAt, standstills) : 0
}

function earlyAnswers({ answers }: Sight, lives: readonly Life[]): Answer[] {
  return answers.filter((answer) =>
    lives.some((life) => tells(answer, life) && answer.answeredAt <= (life.deafUntil ?? -Infinity)),
  )
}

/** One task that was healthy and accepted before the question and after the answer is enough to be told. */
function emptyAnswers({ answers, healthyAt }: Sight, lives: readonly Life[]): Answer[] {
  return answers.filter(
    ({ addresses, askedAt, answeredAt }) =>
      addresses.length === 0 &&
      lives.some(
        ({ address, acceptsFrom = Infinity, acceptsUntil = -Infinity }) =>
          Math.max(acceptsFrom, healthyAt.get(address) ?? Infinity) <= askedAt && acceptsUntil >= answeredAt,
      ),
  )
}

/** Until the next question, since nobody who asks in between is told anything else. */
function heldMs(answer: Answer, { answers, standstills }: Sight): number {
  const next = answers[answers.indexOf(answer) + 1]
  return awakeMs(answer.askedAt, next?.askedAt ?? answer.answeredAt, standstills)
}

/** The time between two moments in which the machine let the observer work. */
export function awakeMs(from: number, until: number, standstills: readonly Standstill[]): number {
  return standstills.reduce(
    (left, still) => left - Math.max(0, Math.min(until, still.until) - Math.max(from, still.from)),
    until - from,
  )
}

/** The judgements of several names side by side, as a table; `ttlSeconds` is how long a client keeps an answer. */
export function tableOf(
  judged: readonly { readonly name: string; readonly judgements: readonly Judgement[] }[],
  ttlSeconds: number,
): string {
  const [first] = judged
  const rows = (first?.judgements ?? []).flatMap(({ what }, index) =>
    judged.map(({ name, judgements }, column) => {
      const judgement = judgements[index]
      return [column ? '' : what, name, ...(judgement ? cellsOf(judgement, ttlSeconds) : [])]
    }),
  )
  return aligned([HEADS, ...rows])
}

const HEADS = [
  ...[
    '',
    'name',
    'stopped',
    'still answered',
    'with its TTL',
    'empty',
    'began',
    'answered within',
    'too early',
  ],
]

function cellsOf({ stale, soon, early, empty, emptyMs }: Judgement, ttlSeconds: number): string[] {
  const longest = Math.max(0, ...stale.map(({ most }) => most))
  return [
    String(stale.length),
    seconds(longest),
    stale.length ? seconds(longest + ttlSeconds * 1000) : '-',
    empty ? `${empty} (${seconds(emptyMs)})` : '0',
    String(soon.length),
    soon.length ? seconds(Math.max(...soon)) : '-',
    String(early),
  ]
}

/** How much was seen of a name, in one line. */
export function sumOf({ name, answers, probes, standstills }: Sight & { readonly name: string }): string {
  const stoodStill = standstills.reduce((sum, { from, until }) => sum + until - from, 0)
  return `${name}: ${answers.length} answers, ${probes.length} connections tried, ${seconds(stoodStill)} in which the machine stood still`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
