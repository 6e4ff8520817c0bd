import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Groups } from '../../../server/store/groups.ts'

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
      const model = new Map<string, Map<string, Item>>([
        ['red', new Map()],
        ['green', new Map()],
      ])
      for (const [version, { op, group, key }] of steps.entries()) {
        if (op === 'put') {
          groups.put(group, { key, version })
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
