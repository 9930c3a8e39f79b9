/** What is wrong with one record or name, in AWS's words. Free of the client, because the DNS server reads records too. */

/** A problem of one record or name: becomes part of InvalidChangeBatch, or an error of its own where there is no batch. */
export class RecordProblem extends Error {}

/** `Invalid Resource Record: 'FATAL problem: CODE (description) encountered with 'value''` */
export const badRecord = (code: string, description: string, value: string) =>
  new RecordProblem(
    `Invalid Resource Record: 'FATAL problem: ${code} (${description}) encountered with '${value}''`,
  )
