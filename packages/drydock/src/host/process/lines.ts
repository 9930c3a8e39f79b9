/** Cuts a program's output into lines, whatever it writes: bytes that are no text, or a line without an end. */
import { StringDecoder } from 'node:string_decoder'

/** A longer line is cut; Docker's log drivers do so at 16 KiB too. */
const LONGEST_LINE = 16 * 1024

export interface LineCutter {
  write(chunk: Buffer): void
  /** Gives out what came after the last line's end. */
  end(): void
}

/** Hands on what is written line by line, without the line breaks. */
export function lineCutter(onLine: (line: string) => void): LineCutter {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) for (const piece of pieces(line)) onLine(piece.replace(/\r$/, ''))
    for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) onLine(rest.slice(0, LONGEST_LINE))
  }
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end())
      if (rest) onLine(rest)
      rest = ''
    },
  }
}

function pieces(line: string): string[] {
  if (line.length <= LONGEST_LINE) return [line]
  const count = Math.ceil(line.length / LONGEST_LINE)
  return Array.from({ length: count }, (_, at) => line.slice(at * LONGEST_LINE, (at + 1) * LONGEST_LINE))
}
