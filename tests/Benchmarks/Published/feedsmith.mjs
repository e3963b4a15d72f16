// One pass over the listed files, then the best of the passes within so many seconds: bytes, first and best milliseconds, and a zero.
import { readFileSync } from 'node:fs'
import { parseFeed } from 'feedsmith'

const [list, seconds] = process.argv.slice(2)
const documents = readFileSync(list, 'utf8').split('\n').filter(Boolean).map(file => readFileSync(file))

function pass() {
  const start = performance.now()
  for (const document of documents) {
    try {
      parseFeed(document.toString('utf8'))
    } catch {
      // A feed it cannot read costs it nothing but the time it took to find out.
    }
  }
  return performance.now() - start
}

const first = pass()
let best = first
const begin = performance.now()
while (performance.now() - begin < Number(seconds) * 1000) best = Math.min(best, pass())
console.log(documents.reduce((sum, document) => sum + document.length, 0), first, best, 0)
