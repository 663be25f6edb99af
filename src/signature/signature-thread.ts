import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadQuestion } from './signature-threads.js';
import { openSignatureFolder } from './signature-file.js';
import { openSignatureReader } from './signature-reader.js';
import type { ThreadSettings } from './signature-reader.js';
import { openSignatureRules } from './signature-reader.js';
import type { SignatureReading } from './signature.js';

/* A thread that reads and judges the signatures that it is asked for. */

// What the one that started it gave.
const { folder, settings, known } = workerData as ThreadSettings;
let nowMs = 0;
const read = openSignatureReader(openSignatureFolder(folder, known), openSignatureRules(settings), {
  now: () => nowMs,
});

parentPort?.on('message', (question: ThreadQuestion) => {
  ({ nowMs } = question);
  const answer: ThreadAnswer = { number: question.number, reading: inOwnBuffer(read(question.registration)) };
  parentPort?.postMessage(answer);
});

/** A part of a buffer is posted with all of it. */
function inOwnBuffer(reading: SignatureReading): SignatureReading {
  if (!('signature' in reading)) return reading;
  return { ...reading, signature: { ...reading.signature, bytes: new Uint8Array(reading.signature.bytes) } };
}
