/** A Kea that the tests run on. `root`: the folder with the Debian that has it; undefined for that of this machine. */
export interface SomeKea {
  name: string
  version: 2.2 | 2.6 | 3
  root: string | undefined
  skip: string | false
}

const inRoot = (version: 2.6 | 3, variable: 'KEA26_ROOT' | 'KEA3_ROOT'): SomeKea => {
  const root = process.env[variable]
  const name = `Kea ${version}`
  return { name, version, root, skip: !root && `${variable} names no root with ${name}` }
}

/** The Kea of this machine, and those of the roots that are named (kea26-root.sh, kea3-root.sh). */
export const KEAS: SomeKea[] = [
  { name: 'the Kea of this machine', version: 2.2, root: undefined, skip: false },
  inRoot(2.6, 'KEA26_ROOT'),
  inRoot(3, 'KEA3_ROOT'),
]
