// Preloaded into a measured run of the product: with WITHOUT=journal it keeps none, and no entry is made, written or waited for;
// with WITHOUT=proof no look proves that answers and requests are in step. The product has no such switches: its modules are
// changed as they are loaded. A change that finds nothing to change makes the run fail: it would be measured against itself.
import Module from 'node:module';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const CHANGES = {
  journal: [
    [
      /journal: new RunJournal\([^)]*\)/,
      'journal: { append() {}, sync() { return Promise.resolve(); }, markLeft() { return true; }, close() {} }',
    ],
  ],
  proof: [
    [/asksForProof: proof !== void 0/, 'asksForProof: false'],
    [/look: proof && isKeptAlive \? .* : void 0/, 'look: undefined'],
  ],
};
/** What Node compiles a CommonJS module with, as all of the program are; its loader's hooks see only ES modules. */
const compile = Module.prototype._compile;

const left = new Set(CHANGES[process.env.WITHOUT] ?? []);

if (isMainThread && left.size > 0) {
  Module.prototype._compile = function compileChanged(source, path, ...more) {
    let text = source;
    if (/[/\\]dist[/\\]program[/\\]/.test(path)) {
      for (const change of left) {
        const [from, to] = change;
        if (!from.test(text)) continue;
        text = text.replace(from, to);
        left.delete(change);
      }
    }
    return compile.call(this, text, path, ...more);
  };
  process.on('exit', () => {
    if (left.size === 0) return;
    process.stderr.write(`nothing was found to be changed: ${[...left].map(([from]) => String(from)).join(', ')}\n`);
    process.exitCode = 70;
  });
}
