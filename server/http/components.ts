interface Operation {
  operationId: string
  requestBody?: { content: Record<string, object> }
}

/** What is looked at of an OpenAPI document here. */
export interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const REF = /"#\/components\/schemas\/(\w+)"/g

const referredTo = (part: unknown): string[] => [...JSON.stringify(part).matchAll(REF)].map(([, name]) => name!)

/**
 * The document with only the components that it refers to. Every schema comes twice, as what goes in (`LeaseInput`) and
 * what comes out (`Lease`); where only the first is used it has the plain name.
 */
export const tidied = (document: Document): Document => {
  const { schemas } = document.components
  const used = new Set<string>()
  const open = referredTo(document.paths)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (used.has(name)) continue
    used.add(name)
    open.push(...referredTo(schemas[name]))
  }
  const plain = (name: string): string => {
    const base = name.replace(/Input$/, '')
    return used.has(base) ? name : base
  }
  const kept = [...used].sort().map(name => [plain(name), schemas[name]!])
  const whole = { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } }
  return JSON.parse(JSON.stringify(whole).replace(REF, (_ref, name) => `"#/components/schemas/${plain(name)}"`))
}
