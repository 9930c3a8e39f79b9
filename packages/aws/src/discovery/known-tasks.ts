/** The tasks that discovery knows: one row each, which only something newer overwrites and no address ever leaves. */

import { mergeTask } from '@capstan/core/discovery/task.ts'
import type { KnownTask } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { queryRows } from '../ledger/query.ts'
import { rowOf } from '../ledger/rows.ts'
import { taskPartition, taskRow } from '../ledger/table.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import type { Documents } from '../wire/documents.ts'
import { assign, updateRow } from './expressions.ts'
import type { DiscoveryLedger } from './ledger.ts'
import { readTask, taskAttributes } from './rows.ts'

/** How long a task that stopped is kept: an event this late would be taken for a new task (ms). ECS forgets it as soon. */
const KEPT_AFTER_STOP_MS = 60 * 60_000

/** Nothing of the same version is known either: two sights of that are for `mergeTask` to judge. */
const NEWER = 'attribute_not_exists(#version) OR #version < :version'

type KnownTasks = Pick<DiscoveryLedger, 'rememberTask' | 'listTasks' | 'forgetTasks'>

/** The tasks in the table `table`; `now` in ms. */
export function knownTasksOf(client: Documents, table: string, now: () => number): KnownTasks {
  return {
    rememberTask: (task) => rememberTask(client, table, task),
    async listTasks(source) {
      const tasks = await queryRows(client, table, taskPartition(source), readTask)
      // Time to live may lag by days (DynamoDB developer guide, "Using time to live").
      return tasks.filter((task) => !isForgotten(task, now()))
    },
    async forgetTasks(tasks) {
      const gone = await settleEach(tasks, (task) => forgetTask(client, table, task))
      valuesOf(gone)
    },
  }
}

const isForgotten = ({ desired, seenAt }: KnownTask, now: number): boolean =>
  desired === 'STOPPED' && now - seenAt > KEPT_AFTER_STOP_MS

async function rememberTask(client: Documents, table: string, task: KnownTask): Promise<KnownTask> {
  const updated = await updateTask(client, table, task, NEWER)
  const known = updated.row && readOrNone(updated.row)
  if (!known) return await replaceTask(client, table, task)
  if (updated.isDone) return known
  const merged = mergeTask(known, task)
  if (isSame(merged, known)) return known
  const added = await updateTask(client, table, merged, '#version = :version')
  // Refused again, something newer has come meanwhile: it is looked at instead.
  return added.isDone ? readTask(added.row) : await rememberTask(client, table, task)
}

function updateTask(client: Documents, table: string, task: KnownTask, condition: string) {
  const expiry = expiryOf(task)
  const values = { ...taskAttributes(task), ...expiry }
  const expression = `${assign(values)}${'expiresAt' in expiry ? '' : ' REMOVE #expiresAt'}`
  return updateRow(client, table, taskRow(task.source, task.id), { expression, condition, values })
}

/** A row that cannot be read is replaced: what it should say is what ECS says, and each look at ECS says it again. */
async function replaceTask(client: Documents, table: string, task: KnownTask) {
  const Item = { ...rowOf(taskRow(task.source, task.id), taskAttributes(task)), ...expiryOf(task) }
  await client.put({ TableName: table, Item })
  return task
}

function readOrNone(row: unknown): KnownTask | undefined {
  try {
    return readTask(row)
  } catch (error) {
    if (error instanceof Failure && error.code !== 'NEWER_LEDGER') return undefined
    throw error
  }
}

/** On condition that it is what was read: a newer event may have come. */
async function forgetTask(client: Documents, table: string, task: KnownTask): Promise<void> {
  try {
    await client.delete({
      TableName: table,
      Key: taskRow(task.source, task.id),
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': task.version },
    })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'CONFLICT') throw error
  }
}

/** Epoch seconds, for tasks that stop: one that runs stays as long as it runs. */
function expiryOf({ desired, seenAt }: KnownTask): { expiresAt?: number } {
  return desired === 'STOPPED' ? { expiresAt: Math.ceil((seenAt + KEPT_AFTER_STOP_MS) / 1000) } : {}
}

/** Whether nothing but the time of the look differs. */
function isSame(a: KnownTask, b: KnownTask): boolean {
  const text = (task: KnownTask) =>
    JSON.stringify(
      Object.entries(taskAttributes({ ...task, seenAt: 0 })).toSorted(([x], [y]) => (x < y ? -1 : 1)),
    )
  return text(a) === text(b)
}
