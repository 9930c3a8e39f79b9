/** Reads XML by shapes: which members of an answer are wanted, and of what kind they are. */
import { parseXML } from '@aws-sdk/xml-builder'

/** The kinds of text, and the value that each is read as. */
interface Scalars {
  text: string
  number: number
  boolean: boolean
  time: Date
}

/** A list of the elements that are named `of`. */
interface ListShape {
  readonly of: string
  readonly each: Shape
}

/** A structure, by the members' names; `from` is an element's name where it is another. */
interface StructureShape {
  readonly members: Readonly<Record<string, Shape>>
}

export type Shape =
  | (keyof Scalars | ListShape | StructureShape)
  | { readonly from: string; readonly as: Shape }

/** What an element of a shape is read as: a member that is not read is not in the type either. */
export type Shaped<S> = S extends keyof Scalars
  ? Scalars[S]
  : S extends { readonly from: string; readonly as: infer Inner }
    ? Shaped<Inner>
    : S extends { readonly of: string; readonly each: infer Each }
      ? Shaped<Each>[]
      : S extends { readonly members: infer Members }
        ? { [Name in keyof Members]?: Shaped<Members[Name]> }
        : never

/** A structure of `members`. */
export const structure = <const Members extends Readonly<Record<string, Shape>>>(members: Members) => ({
  members,
})
/** A list of elements named `of`, each of the shape `each`. */
export const list = <const Of extends string, const Each extends Shape>(of: Of, each: Each) => ({ of, each })
/** A member whose element is named `from`. */
export const from = <const Name extends string, const As extends Shape>(name: Name, as: As) => ({
  from: name,
  as,
})

/** An element as the parser gives it: its text, or its children by their names, in a list where there are several. */
export type Element = string | { readonly [name: string]: Element | readonly Element[] }

/** The root of a document: its name and itself. Throws where the text is no XML. */
export function rootOf(xml: string): { readonly name: string; readonly root: Element } {
  const [[name, root] = ['', '']] = Object.entries(parseXML(xml) as Readonly<Record<string, Element>>)
  return { name, root }
}

/** The children of an element with a name. */
export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  if (element === undefined || typeof element === 'string') return []
  const child = element[name]
  return child === undefined ? [] : ([child].flat() as readonly Element[])
}

/** The text of an element's first child with a name; nothing where there is none. */
export function textOf(element: Element | undefined, name: string): string | undefined {
  const [child] = childrenOf(element, name)
  return typeof child === 'string' ? child : undefined
}

/** Reads an element. Members that are not there are left out; an empty list is there, and empty. */
export function readShape(shape: Shape, element: Element): unknown {
  if (typeof shape === 'string') return readScalar(shape, element)
  if ('from' in shape) return readShape(shape.as, element)
  if ('of' in shape) return childrenOf(element, shape.of).map((each) => readShape(shape.each, each))
  const found = Object.entries(shape.members).flatMap(([name, member]) => {
    const [child] = childrenOf(element, elementOf(name, member))
    return child === undefined ? [] : [[name, readShape(member, child)] as const]
  })
  return Object.fromEntries(found)
}

const elementOf = (name: string, member: Shape) =>
  typeof member === 'object' && 'from' in member ? member.from : name

function readScalar(kind: keyof Scalars, element: Element): Scalars[keyof Scalars] {
  const text = typeof element === 'string' ? element : ''
  if (kind === 'number') return Number(text)
  if (kind === 'boolean') return text === 'true'
  return kind === 'time' ? new Date(text) : text
}
