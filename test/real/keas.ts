/** The Kea of this machine, and Kea 3 where KEA3_ROOT names a root with it (kea3-root.sh). */
export const KEAS = [
  { name: 'the Kea of this machine', root: undefined, skip: false as const },
  { name: 'Kea 3', root: process.env.KEA3_ROOT, skip: !process.env.KEA3_ROOT && 'KEA3_ROOT names no root with Kea 3' },
]
