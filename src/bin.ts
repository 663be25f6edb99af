#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from './main.js';

// V8 lets garbage grow to four times what lives before it collects it: too much room for a batch in a small container.
setFlagsFromString('--heap-growing-percent=30');
process.exitCode = await main(process);
