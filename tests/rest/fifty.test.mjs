// fifty.test.mjs - who may do what, said by hand: fifty calls that a house would argue about, each with
// the status that SPEC and common sense demand. It reads no table of the product's, so that a table
// that is wrong is found out here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Furnished } from './lib/furnished.mjs';
import { Stack, sql } from './lib/stack.mjs';
import { as } from './lib/venue.mjs';

const stack = new Stack('fifty');
let bistro, tavern, grand, plaza;
before(async () => {
    await stack.start();
    [bistro, tavern] = [new Furnished('restaurant'), new Furnished('restaurant')];
    [grand, plaza] = [new Furnished('hotel'), new Furnished('hotel')];
});
after(() => stack.stopAll());

const soon = () => new Date(Date.now() + 30 * 3600e3).toISOString();
const b = () => bistro.ids, t = () => tavern.ids, g = () => grand.ids;
const orders = '/api/v1/orders', menu = '/api/restaurant/menu', stays = '/api/hotel/bookings';
const dish = () => [{ menu_item_id: b().dish, quantity: 1 }];

// whose house, who, method, path, body, status, and what it is about
const cases = [
    // the figures
    ['bistro', 'kitchen', 'GET', () => '/api/dashboard/stats', null, 403, 'the kitchen sees no takings'],
    ['bistro', 'waiter', 'GET', () => '/api/dashboard/revenue/by-category', null, 403, 'nor does a waiter'],
    ['bistro', 'viewer', 'GET', () => '/api/dashboard/stats', null, 200, 'a viewer is there for the figures'],
    ['bistro', 'frontdesk', 'GET', () => '/api/dashboard/trends', null, 200, 'the front desk too'],
    ['bistro', 'guest', 'GET', () => '/api/dashboard/stats', null, 403, 'a guest never'],
    ['bistro', 'waiter', 'GET', () => `${orders}/stats`, null, 403, "a waiter does not see the day's revenue"],
    // tables
    ['bistro', 'kitchen', 'GET', () => '/api/tables', null, 200, 'the kitchen reads the floor'],
    ['bistro', 'kitchen', 'PATCH', () => `/api/tables/${b().table}/status`, { status: 'available' }, 403, 'and leaves it alone'],
    ['bistro', 'viewer', 'PATCH', () => `/api/tables/${b().table}/status`, { status: 'available' }, 403, 'a viewer views'],
    ['bistro', 'waiter', 'POST', () => '/api/tables', { number: 5, label: 'W-5', capacity: 2, floor: 3 }, 403, 'a waiter makes no tables'],
    ['bistro', 'manager', 'POST', () => '/api/tables', { number: 501, label: 'M-501', capacity: 2, floor: 3 }, 201, 'a manager does'],
    ['bistro', 'waiter', 'DELETE', () => `/api/tables/${b().table}`, undefined, 403, 'nor does a waiter take one away'],
    ['bistro', 'admin', 'DELETE', () => `/api/tables/${b().table}`, undefined, 409, 'and while it is occupied nobody does'],
    ['bistro', 'guest', 'GET', () => '/api/tables', null, 403, 'a guest does not see the floor'],
    ['tavern', 'admin', 'GET', () => `/api/tables/${b().table}`, null, 404, "a neighbour's admin finds no table of ours"],
    ['tavern', 'admin', 'PATCH', () => `/api/tables/${b().table}/status`, { status: 'available' }, 404, 'and frees none'],
    ['tavern', 'admin', 'POST', () => '/admin/api/tables/move', () => ({ from: b().table, to: t().table }), 404, 'nor moves our guests to theirs'],
    ['bistro', 'waiter', 'POST', () => `/admin/api/tables/${b().table}/disable`, {}, 403, 'disabling is for managers'],
    ['bistro', 'waiter', 'PATCH', () => '/api/tables/bulk', () => ({ tableIds: [b().table], updates: { section: 'x' } }), 403, 'so is doing many at once'],
    // orders
    ['bistro', 'viewer', 'GET', () => `${orders}/${b().order}`, null, 403, 'a viewer reads no orders'],
    ['bistro', 'kitchen', 'POST', () => orders, () => ({ table_id: b().table, items: dish() }), 403, 'the kitchen takes no orders'],
    ['bistro', 'kitchen', 'PATCH', () => `${orders}/${b().order}/status`, { status: 'cancelled' }, 403, 'cancels none'],
    ['bistro', 'waiter', 'PATCH', () => `${orders}/${b().order}/status`, { status: 'preparing' }, 200, 'a waiter sends them on'],
    ['bistro', 'kitchen', 'PATCH', () => `${orders}/${b().order}/status`, { status: 'ready' }, 200, 'the kitchen says when they are ready'],
    ['bistro', 'kitchen', 'POST', () => `${orders}/${b().order}/payments`, { amount: 1, method: 'cash' }, 403, 'and takes no money'],
    ['bistro', 'guest', 'POST', () => `${orders}/${b().order}/payments`, { amount: 1, method: 'cash' }, 403, 'a guest books no payment'],
    ['bistro', 'guest', 'GET', () => `${orders}/${b().order}`, null, 200, 'a guest sees the order of their table'],
    ['bistro', 'guest', 'PATCH', () => `${orders}/${b().order}/status`, { status: 'cancelled' }, 403, 'and does not change where it stands'],
    ['tavern', 'guest', 'GET', () => `${orders}/${b().order}`, null, 404, "a neighbour's guest finds nothing"],
    ['tavern', 'waiter', 'POST', () => `${orders}/${b().order}/items`, () => ({ items: dish() }), 404, "a neighbour's waiter adds no line"],
    ['tavern', 'waiter', 'POST', () => orders, () => ({ table_id: b().table, items: [{ menu_item_id: t().dish, quantity: 1 }] }), 404, 'nor orders to our table'],
    // reservations
    ['bistro', 'kitchen', 'GET', () => '/api/restaurant/reservations', null, 403, 'the kitchen reads no reservations'],
    ['bistro', 'waiter', 'POST', () => '/api/restaurant/reservations', () => ({ customerName: 'Ada', date: soon(), partySize: 2, source: 'phone' }), 403, 'a waiter takes none'],
    ['bistro', 'frontdesk', 'POST', () => '/api/restaurant/reservations', () => ({ customerName: 'Ada', date: soon(), partySize: 2, source: 'phone' }), 201, 'the front desk does'],
    ['bistro', 'viewer', 'POST', () => `/api/restaurant/reservations/${b().reservation}/cancel`, {}, 403, 'a viewer cancels none'],
    ['tavern', 'manager', 'POST', () => `/api/restaurant/reservations/${b().reservation}/cancel`, {}, 404, 'nor does the neighbour'],
    // the menu
    ['bistro', 'guest', 'GET', () => `${menu}/items`, null, 200, 'everybody reads the menu'],
    ['bistro', 'kitchen', 'PATCH', () => `${menu}/items/${b().dish}`, { price: 1 }, 403, 'the kitchen sets no prices'],
    ['bistro', 'kitchen', 'PATCH', () => `${menu}/items/${b().dish}/availability`, { available: true }, 200, 'but says what is out'],
    ['bistro', 'waiter', 'PATCH', () => `${menu}/items/${b().dish}/availability`, { available: false }, 403, 'which a waiter does not'],
    // the hotel
    ['grand', 'waiter', 'GET', () => stays, null, 403, 'a waiter reads no bookings'],
    ['grand', 'frontdesk', 'GET', () => `${stays}/${g().booking}`, null, 200, 'the front desk does'],
    ['grand', 'viewer', 'POST', () => `${stays}/${g().booking}/check-in`, {}, 403, 'a viewer lets nobody in'],
    ['plaza', 'frontdesk', 'POST', () => `${stays}/${g().booking}/check-in`, {}, 404, "nor does the neighbour's front desk"],
    ['grand', 'kitchen', 'PATCH', () => `/api/hotel/rooms/${g().room}`, { housekeeping: 'clean' }, 403, 'the kitchen cleans no rooms'],
    ['plaza', 'admin', 'PATCH', () => `/api/hotel/rooms/${g().room}`, { housekeeping: 'dirty' }, 404, 'no neighbour soils them'],
    // calls, history, accounts
    ['bistro', 'viewer', 'POST', () => '/api/v1/notifications', { kind: 'alert', priority: 'high', text: 'hello' }, 403, 'a viewer alerts nobody'],
    ['bistro', 'waiter', 'GET', () => `/api/v1/history/tables/${b().table}`, null, 403, 'history is for managers'],
    ['bistro', 'manager', 'GET', () => '/api/accounts', null, 403, 'accounts are for admins'],
    ['tavern', 'admin', 'PATCH', () => `/api/accounts/${b().waiter}`, { role: 'admin' }, 404, 'of their own house'],
];

test('they are fifty', () => assert.equal(cases.length, 50));

const houses = () => ({ bistro, tavern, grand, plaza });
for (const [house, who, method, path, body, status, why] of cases) {
    test(`${why}: ${house}'s ${who} gets ${status}`, async () => {
        const venue = houses()[house];
        const me = as(stack, who === 'guest' ? venue.guest(stack) : venue.token(stack, who));
        const sent = typeof body === 'function' ? body() : body ?? undefined;
        let answer = await me.call(method, path(), sent);
        while (answer.status === 429) {
            await sleep(1000 * answer.headers['retry-after']);
            answer = await me.call(method, path(), sent);
        }
        assert.equal(answer.status, status, answer.text);
        if (status === 404) assert.ok(!bistro.canaries.some((word) => answer.text.includes(word)), answer.text);
    });
}

test('what the neighbours tried has changed nothing', () => {
    const count = (text) => Number(sql(`select count(*) from maitred.${text}`));
    assert.equal(count(`dining_table where venue = ${bistro.id} and id = ${b().table} and status = 'occupied'`), 1);
    assert.equal(count(`order_item where venue = ${bistro.id} and order_id = ${b().order}`), 1);
    assert.equal(count(`customer_order where venue = ${tavern.id}`), 1);
    assert.equal(count(`reservation where venue = ${bistro.id} and id = ${b().reservation} and status = 'confirmed'`), 1);
    assert.equal(count(`booking where venue = ${grand.id} and id = ${g().booking} and status = 'confirmed'`), 1);
    assert.equal(count(`account where venue = ${bistro.id} and id = ${b().waiter} and role = 'waiter'`), 1);
});
