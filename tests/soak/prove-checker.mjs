#!/usr/bin/env node
// prove-checker.mjs BOOK - the checker must notice one record that is dropped, doubled or swapped, another
// text, and a lost tail. Takes a book that it found good, spoils a copy in each of the ways. Prints TAP.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { KIND, records } from './lib/book.mjs';

const path = process.argv[2], copy = `${path}-spoiled`, SIZE = 12;
const checker = new URL('./checker.mjs', import.meta.url).pathname;
const good = fs.readFileSync(`${path}.records`), all = [...records(path)];
// The client with the most records, and two of its events with nothing between them.
const own = new Map();
all.forEach(([client], at) => { if (!own.has(client)) own.set(client, []); own.get(client).push(at); });
const [client, where] = [...own].sort((a, b) => b[1].length - a[1].length)[0], isEvent = (at) => all[at]?.[1] === KIND.event;
const i = where.findIndex((at, n) => n >= where.length / 2 && isEvent(at) && isEvent(where[n + 1]));
const [one, next] = [where[i] * SIZE, where[i + 1] * SIZE];
const cut = (from, to) => Buffer.concat([good.subarray(0, from), good.subarray(to)]);
const swapped = Buffer.from(good);
good.copy(swapped, one, next, next + SIZE);
good.copy(swapped, next, one, one + SIZE);
const other = Buffer.from(good);
other[one + 4] ^= 1;
const behind = all.flatMap(([c], at) => (c === client && at >= where[i] ? [] : [good.subarray(at * SIZE, (at + 1) * SIZE)]));
const SPOILED = { 'nothing': good, 'a deleted event': cut(one, one + SIZE), 'a doubled event': Buffer.concat([good.subarray(0, one + SIZE), good.subarray(one)]),
    'two swapped events': swapped, 'another text': other, 'a lost tail': Buffer.concat(behind) };

let failed = 0;
for (const name of ['texts', 'clients']) fs.copyFileSync(`${path}.${name}`, `${copy}.${name}`);
for (const [how, bytes] of Object.entries(SPOILED)) {
    fs.writeFileSync(`${copy}.records`, bytes);
    const verdict = spawnSync('node', [checker, copy], { encoding: 'utf8' });
    const right = how === 'nothing' ? verdict.status === 0 : verdict.status === 1 && verdict.stdout.includes(`client ${client} (`);
    if (!right) { failed++; console.log(verdict.stdout.replace(/^/gm, '# ')); }
    console.log(`${right ? 'ok' : 'not ok'} - the checker ${how === 'nothing' ? 'passes the book as it was' : `fails on ${how}`}`);
}
for (const name of ['texts', 'clients', 'records']) fs.rmSync(`${copy}.${name}`);
process.exit(failed ? 1 : 0);
