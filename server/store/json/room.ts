import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** How much a store takes, and how much its disk has left. */
export interface Room {
  /** Bytes of its files. */
  size: number
  /** Bytes that this program may still write, and of how many in all. */
  free: number
  total: number
}

const EVERY_MS = 3000

/** Looks at the disk under a store, now and every few seconds. */
export class StoreRoom {
  readonly path: string
  #last: Room | null = null
  #timer: NodeJS.Timeout

  constructor(path: string) {
    this.path = path
    this.#timer = setInterval(() => this.look().catch(() => {}), EVERY_MS).unref()
    this.look().catch(() => {})
  }

  /** What was last seen; null until the first look is over. */
  get last(): Room | null {
    return this.#last
  }

  async look(): Promise<Room> {
    const { bavail, blocks, bsize } = await statfs(this.path)
    const names = await readdir(this.path)
    const sizes = await Promise.all(
      names.map(name =>
        stat(join(this.path, name)).then(
          file => (file.isFile() ? file.size : 0),
          () => 0,
        ),
      ),
    )
    this.#last = { size: sizes.reduce((sum, size) => sum + size, 0), free: bavail * bsize, total: blocks * bsize }
    return this.#last
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
