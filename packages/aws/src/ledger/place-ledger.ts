/** The ledger of another place than home: rows of its own in the one table, and the freezes of home, which hold everywhere. */
import type { Row } from '../wire/documents.ts'
import type { FreezeLedger } from './freezes.ts'
import type { Ledger } from './ledger.ts'

/** Makes of a row, a key or an expression's values those of a place: what partition keys begin with tells places apart. */
export function rowsAt(place: string): (row: Row) => Row {
  const prefix = `AT#${place}#`
  // A key that DynamoDB gave, to go on from, is one of the place already.
  const at = (value: unknown) => (String(value).startsWith(prefix) ? value : `${prefix}${value}`)
  return (row) => ({
    ...row,
    ...('pk' in row && { pk: at(row.pk) }),
    ...(':pk' in row && { ':pk': at(row[':pk']) }),
  })
}

/** A place's ledger with home's freezes. */
export function withFreezes(ledger: Ledger, home: FreezeLedger): Ledger {
  return {
    ...ledger,
    ...home,
    async listServices() {
      const [services, freezes] = await Promise.all([ledger.listServices(), home.listFreezes()])
      return { ...services, freezes }
    },
  }
}
