#!/usr/bin/env node
// Node would open itself to a debugger, which sees all secrets, for whoever sends this signal: so before all else is loaded.
process.on('SIGUSR1', () => undefined);
void import('./start.js');
