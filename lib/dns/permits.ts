import { comparable, type NameTree } from './name-tree.ts'
import type { Prerequisite } from './rr.ts'

type Must = Prerequisite['must']
type Of<M extends Must> = Extract<Prerequisite, { must: M }>

const list = (values: readonly string[]): string => values.join(', ')

/** RFC 2136 §3.2.1 to §3.2.5: for each kind of prerequisite the sentence of its failure, or null when it holds. */
const FAILURE: { [M in Must]: (tree: NameTree, prerequisite: Of<M>) => string | null } = {
  'name-not-in-use': (tree, { name }) => {
    const present = tree.rrsets(name).map(set => set.type)
    return present.length === 0 ? null : `${name} is in use (${list(present)})`
  },
  'rrset-absent': (tree, { name, type }) => {
    const set = tree.rrset(name, type)
    return set ? `${name} already has ${type} ${list(set.values)}` : null
  },
  'rrset-equals': (tree, { name, type, values }) => {
    const present = tree.rrset(name, type)?.values ?? []
    const wanted = new Set(values.map(value => comparable(type, value)))
    if (present.length === wanted.size && present.every(value => wanted.has(value))) return null
    return `${name} has ${present.length === 0 ? `no ${type}` : `${type} ${list(present)}`}, expected ${list(values)}`
  },
}

const failure = <M extends Must>(tree: NameTree, prerequisite: Of<M>): string | null =>
  FAILURE[prerequisite.must as M](tree, prerequisite)

/** RFC 2136 §3.2: null when all hold, else the sentence of the first that does not. */
export const permits = (tree: NameTree, prerequisites: readonly Prerequisite[]): string | null => {
  for (const prerequisite of prerequisites) {
    const sentence = failure(tree, prerequisite)
    if (sentence !== null) return sentence
  }
  return null
}
