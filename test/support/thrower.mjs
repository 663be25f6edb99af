/*
 * Loaded before the program: at the nth time that it comes by the place that $THROW_AT names, something is thrown there, as a
 * bug would. $THROW_FROM counts from when the first request has left. Says on descriptor 3 that it was thrown.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

const [place = '', nth = '1'] = (process.env['THROW_AT'] ?? '').split('#');
const { writeSync } = fs;
let isSending = false;
let left = Number(nth);

function pass(name) {
  if (name !== place || !isSending) return;
  left -= 1;
  if (left !== 0) return;
  writeSync(3, 'thrown\n');
  throw new TypeError(`thrown at ${place}`);
}

const { emit } = net.Socket.prototype;
net.Socket.prototype.emit = function (event, ...words) {
  pass(`socket ${String(event)}`);
  return emit.call(this, event, ...words);
};
const { write } = net.Socket.prototype;
net.Socket.prototype.write = function (...words) {
  if (String(words[0]).startsWith('PUT')) isSending = true;
  pass('socket write');
  return write.apply(this, words);
};
for (const name of ['setTimeout', 'setImmediate']) {
  const set = globalThis[name];
  const throwing = (callback, ...words) =>
    set(
      (...got) => {
        pass(name);
        callback(...got);
      },
      ...words,
    );
  globalThis[name] = throwing;
  timers[name] = throwing;
  const promised = timersPromises[name];
  timersPromises[name] = async (...words) => {
    const got = await promised(...words);
    pass(`${name} promise`);
    return got;
  };
}
for (const name of [
  'writeSync',
  'openSync',
  'fsyncSync',
  'renameSync',
  'readSync',
  'closeSync',
  'lstatSync',
  'fstatSync',
  'rmSync',
]) {
  const call = fs[name];
  fs[name] = (...words) => {
    pass(name);
    return call(...words);
  };
}
const { fdatasync } = fs;
fs.fdatasync = (fd, done) => {
  pass('fdatasync');
  fdatasync(fd, (error) => {
    pass('fdatasync done');
    done(error);
  });
};
for (const name of ['stdout', 'stderr']) {
  const stream = process[name];
  const out = stream.write.bind(stream);
  stream.write = (...words) => {
    pass(name);
    return out(...words);
  };
}
const { now } = Date;
Date.now = () => {
  pass('Date.now');
  return now();
};
const { random } = Math;
Math.random = () => {
  pass('Math.random');
  return random();
};
syncBuiltinESMExports();
