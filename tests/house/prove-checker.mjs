#!/usr/bin/env node
// prove-checker.mjs LOG... - the checker must notice one event that is deleted, doubled or swapped.
//
// Takes logs of a real run that the checker found good, spoils a copy of one in each of the ways, and
// expects a verdict of failure that names that client. Prints TAP.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const paths = process.argv.slice(2);
const checker = new URL('./checker.mjs', import.meta.url).pathname;
const isEvent = (line) => line.got?.cursor && line.got.type &&
    !/^(pong|stats_update|metrics_update|room_availability_update|resync|snapshot|error)$/.test(line.got.type);
const SPOIL = {
    'nothing': (lines) => lines,
    'a deleted event': (lines, i) => lines.splice(i, 1),
    'a doubled event': (lines, i) => lines.splice(i, 0, lines[i]),
    'two swapped events': (lines, i, next) => { [lines[i], lines[next]] = [lines[next], lines[i]]; },
    'an event with another state': (lines, i) => {
        const copy = structuredClone(lines[i]);
        for (const key of ['table', 'order', 'reservation', 'notification'])
            if (copy.got[key]) copy.got[key].id = 'other';
        lines[i] = copy;
    },
    'a lost tail': (lines, i) => lines.splice(i),
};

const longest = paths.map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l)) }))
    .sort((a, b) => b.lines.filter(isEvent).length - a.lines.filter(isEvent).length)[0];
const where = longest.lines.flatMap((line, i) => (isEvent(line) ? [i] : []));
const middle = Math.floor(where.length / 2);
const dir = mkdtempSync(join(tmpdir(), 'maitred-spoiled-'));
let failed = 0;
for (const [how, spoil] of Object.entries(SPOIL)) {
    const lines = longest.lines.slice();
    spoil(lines, where[middle], where[middle + 1]);
    const file = join(dir, basename(longest.path));
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
    const verdict = spawnSync('node', [checker, file], { encoding: 'utf8' });
    const good = how === 'nothing' ? verdict.status === 0 : verdict.status === 1 && verdict.stdout.includes(`${basename(file)}:`);
    if (!good) { failed++; console.log(verdict.stdout.replace(/^/gm, '# ')); }
    console.log(`${good ? 'ok' : 'not ok'} - the checker ${how === 'nothing' ? 'passes a log as it was' : `fails on ${how}`}`);
}
rmSync(dir, { recursive: true });
process.exit(failed ? 1 : 0);
