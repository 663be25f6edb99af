#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from './main.js';

/** By then all is loaded: once a flag is set, Node loads its own modules without their cached code, 25 ms later. */
const LOADED_MS = 1_000;

// V8 lets garbage grow to four times what lives before it collects it: too much room for a batch in a small container.
setTimeout(() => setFlagsFromString('--heap-growing-percent=30'), LOADED_MS).unref();
process.exitCode = await main(process);
