// every-route.test.mjs - each route of each program is called once, as it stands in the programs' own
// tables (`maitred-NAME --routes`): the web server must bring it to its program, whatever the method.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Stack, bin, programs } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('every-route');
let bistro, grand;
before(async () => {
    await stack.start();
    [bistro, grand] = [new Venue('restaurant'), new Venue('hotel')];
});
after(() => stack.stopAll());

const routesOf = (name) => execFileSync(`${bin}/maitred-${name}`, ['--routes'], { encoding: 'utf8' })
    .split('\n').filter(Boolean).map((line) => line.split(' '));

let serial = 0;
for (const name of programs) {
    for (const [method, path, op] of routesOf(name)) {
        test(`${method} ${path} comes to maitred-${name}`, async () => {
            const venue = path.includes('/hotel') ? grand : bistro;
            const id = `route-${process.pid}-${++serial}`;
            // Nothing has this id; a logout ends this one token. What matters is who answers.
            const target = path.replace(/\{\w+\}/g, '999999999');
            const answer = await as(stack, venue.token(stack, 'admin')).call(method, target,
                method === 'GET' ? undefined : {}, { 'x-request-id': id });
            assert.ok(answer.status < 500 && answer.status !== 405, `${answer.status} ${answer.text}`);
            assert.equal(answer.headers['x-request-id'], id);
            await until(() => new RegExp(`id=${id} .*op=${op} `).test(stack.log(name)), `the log of ${name} has ${id}`);
        });
    }
}

test('every program has routes but those that are still to come', () => {
    for (const name of ['stats', 'reservations', 'rooms', 'menu', 'tables', 'accounts'])
        assert.ok(routesOf(name).length, name);
});
