// every-route.test.mjs - each route of each program is called once, as it stands in the programs' own
// tables (`maitred-NAME --routes`): the web server must bring it to its program, whatever the method.
// And the tables must hold every endpoint of the contract: that list is kept here by hand.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Stack, bin, programs } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

// The rows of SPEC.md section 3 (and the logins of section 2): methods, path.
const contract = `
POST /api/auth/login
POST /api/auth/refresh
POST /api/auth/logout
POST /api/auth/ticket
POST /api/auth/guest
GET /api/dashboard/stats
GET /api/dashboard/trends
GET /api/dashboard/reservations/today
GET /api/dashboard/customers/frequency
GET /api/dashboard/revenue/by-category
GET /api/dashboard/reservations/sources
GET /api/dashboard/hotel/revenue-breakdown
GET /api/reservations/upcoming
GET /api/user/profile
GET /api/hotel/rooms/availability
GET /api/hotel/rooms/calendar
GET /api/hotel/room-types
GET /api/hotel/rooms
PATCH /api/hotel/rooms/{}
GET,POST /api/hotel/bookings
GET,PATCH /api/hotel/bookings/{}
POST /api/hotel/bookings/{}/check-in
POST /api/hotel/bookings/{}/check-out
POST /api/hotel/bookings/{}/cancel
GET,POST /api/restaurant/menu/categories
PATCH,DELETE /api/restaurant/menu/categories/{}
GET,POST /api/restaurant/menu/items
PATCH,DELETE /api/restaurant/menu/items/{}
GET,POST /api/restaurant/reservations
GET,PATCH /api/restaurant/reservations/{}
POST /api/restaurant/reservations/{}/seat
POST /api/restaurant/reservations/{}/cancel
POST /api/restaurant/reservations/{}/no-show
GET /admin/api/tables
POST /admin/api/tables/{}/close
POST /admin/api/tables/{}/disable
POST /admin/api/tables/{}/enable
POST /admin/api/tables/{}/restore
POST /admin/api/tables/move
GET,POST /api/tables
GET,PATCH,PUT,DELETE /api/tables/{}
PATCH /api/tables/{}/status
PATCH /api/tables/bulk
GET /api/tables/stats
GET /api/floors
PUT /api/floors/{}/layout
GET,POST /api/v1/orders
GET,PATCH /api/v1/orders/{}
PATCH /api/v1/orders/{}/status
POST /api/v1/orders/{}/items
PATCH /api/v1/orders/{}/items/{}
POST /api/v1/orders/{}/payments
GET /api/v1/orders/stats
GET /api/v1/waiters/{}/tasks
POST /api/v1/notifications
POST /api/v1/notifications/{}/acknowledge
POST /api/v1/service-requests
GET /api/v1/history/tables/{}
GET /api/v1/history/orders/{}
GET /api/v1/history/reservations/{}
GET /api/v1/history/bookings/{}
GET /api/openapi.json`.trim().split('\n').flatMap((line) => {
    const [methods, path] = line.split(' ');
    return methods.split(',').map((method) => `${method} ${path}`);
});
// Of these, what is not there yet. Whoever makes one takes it out of here.
const pending = [];

const routesOf = (name) => execFileSync(`${bin}/maitred-${name}`, ['--routes'], { encoding: 'utf8' })
    .split('\n').filter(Boolean).map((line) => line.split(' '));
const routes = programs.flatMap((name) => routesOf(name).map(([method, path, op]) => ({ name, method, path, op })));

const stack = new Stack('every-route');
let bistro, grand;
before(async () => {
    await stack.start();
    [bistro, grand] = [new Venue('restaurant'), new Venue('hotel')];
});
after(() => stack.stopAll());

test('the tables hold every endpoint of the contract, but those that are still to come', () => {
    const there = new Set(routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`));
    assert.deepEqual(contract.filter((row) => !there.has(row)), pending);
});

test('no route is in two tables', () => {
    const all = routes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(all.filter((row, i) => all.indexOf(row) !== i), []);
});

for (const [i, { name, method, path, op }] of routes.entries()) {
    test(`${method} ${path} comes to maitred-${name}`, async () => {
        const venue = path.includes('/hotel') ? grand : bistro;
        const id = `route-${process.pid}-${i}`;
        // Nothing has this id; a logout ends this one token. What matters is who answers.
        const target = path.replace(/\{\w+\}/g, '999999999');
        const answer = await as(stack, venue.token(stack, 'admin')).call(method, target,
            method === 'GET' ? undefined : {}, { 'x-request-id': id });
        assert.ok(answer.status < 500 && answer.status !== 405, `${answer.status} ${answer.text}`);
        assert.equal(answer.headers['x-request-id'], id);
        await until(() => new RegExp(`id=${id} .*op=${op} `).test(stack.log(name)), `the log of ${name} has ${id}`);
    });
}
