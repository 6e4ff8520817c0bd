import t from 'tap'
import type { FindingAnswer } from '../../../schemas/api/findings.ts'
import { FindingKind } from '../../../schemas/model/finding.ts'
import { SEVERITY } from '../../../server/findings/kinds.ts'
import { watched } from './watched.ts'

t.test('pages of findings, by their ids', async t => {
  const scopes = Array.from({ length: 9 }, (_, i) => ({
    name: `s${i}`,
    subnet: `10.${i}.0.0/16`,
    domain: 'd0.example',
  }))
  const dns = [{ name: 'bind', kind: 'rfc2136', servers: ['127.0.0.1:1'], unsigned: true, zones: ['d0.example'] }]
  const { get } = await watched(t, { scopes, dns })
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: FindingAnswer[]; next: string | null } = await get(
      `/v1/findings?limit=2${cursor && `&cursor=${cursor}`}`,
    )
    t.ok(page.items.length <= 2)
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.next
  }
  t.equal(seen.length, 9, 'nine reverse zones')
  t.strictSame(seen, seen.toSorted())
  t.equal((await get<{ items: unknown[] }>('/v1/findings')).items.length, 9)
  t.match(await get('/v1/findings?limit=0'), { status: 400, errors: [{ field: /limit/ }] })
  t.match(await get('/v1/findings?cursor=nonsense'), { status: 400, errors: [{ field: 'cursor' }] })
})

t.test('each kind has its severity', async t => {
  t.strictSame(Object.keys(SEVERITY).sort(), [...FindingKind.options].sort())
})
