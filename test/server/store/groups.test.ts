import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Groups } from '../../../server/store/groups.ts'
import type { Cell } from '../../../server/store/versions.ts'

interface Item {
  key: string
  version: number
}

const step = fc.record({
  op: fc.constantFrom('put' as const, 'put' as const, 'remove' as const),
  group: fc.constantFrom('red', 'green'),
  key: fc.constantFrom('a', 'b', 'c'),
})

t.test('whatever is put and removed, each group has the newest version of each item, once', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), steps => {
      const groups = new Groups<Item>(({ key }) => key)
      const cells = new Map<string, Cell<Item>>()
      const model = new Map<string, Map<string, Item>>([
        ['red', new Map()],
        ['green', new Map()],
      ])
      for (const [version, { op, group, key }] of steps.entries()) {
        if (op === 'put') {
          // A group that has the cell already is not told of the new version.
          const cell = cells.get(`${group} ${key}`)
          if (cell && model.get(group)!.has(key)) cell.item = { key, version }
          else {
            cells.set(`${group} ${key}`, { item: { key, version } })
            groups.put(group, cells.get(`${group} ${key}`)!)
          }
          model.get(group)!.set(key, { key, version })
        } else {
          groups.remove(group, key)
          model.get(group)!.delete(key)
        }
        for (const [name, items] of model) {
          assert.deepEqual([...groups.get(name)], [...items.values()])
          assert.equal(groups.count(name), items.size)
          assert.equal(groups.has(name), items.size > 0)
        }
        assert.deepEqual(
          [...groups.groups()].sort(),
          [...model].flatMap(([name, { size }]) => (size ? name : [])).sort(),
        )
      }
    }),
  )
})
