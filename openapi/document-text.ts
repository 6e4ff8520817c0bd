import { configOf } from '../server/config/load.ts'
import { buildHttp } from '../server/http/app.ts'
import type { Deps } from '../server/http/deps.ts'

/** The description of the routes asks for none of the program's parts. */
const NOTHING = {} as Deps

/** The OpenAPI document of the routes as they are, as the text of openapi.json. */
export const documentText = async (): Promise<string> => {
  const app = buildHttp(NOTHING, configOf({}, {}), null)
  await app.ready()
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await app.close()
  return text
}
