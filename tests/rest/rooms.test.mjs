// rooms.test.mjs - the rooms program: room types, rooms, bookings and the steps of a stay; what is
// refused, to whom, and that another hotel's are not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fieldsOf, refused } from './lib/refusal.mjs';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('rooms');
let other, bistro;
before(async () => {
    await stack.start();
    [other, bistro] = [new Venue('hotel'), new Venue('restaurant')];
});
after(() => stack.stopAll());

const types = '/api/hotel/room-types', rooms = '/api/hotel/rooms', bookings = '/api/hotel/bookings';
// A hotel of the test's own: three singles S1-S3, two doubles D1 and D2.
function house() {
    const venue = new Venue('hotel');
    const me = (role) => as(stack, venue.token(stack, role));
    return { venue, me, admin: me('admin'), desk: me('frontdesk'), single: venue.types[0], double: venue.types[1] };
}
const roomOf = (venue, number) => Number(sql(`select id from maitred.room where venue = ${venue.id} and number = '${number}'`));
// The business day begins at four in the morning.
const day = (n) => sql(`select ((now() - interval '4 hours') at time zone 'UTC')::date + ${n}`);
const stay = (type, more = {}) => ({ guestName: 'Ada Byron', roomTypeId: type, checkIn: day(0), checkOut: day(2), guests: 2, ...more });
const made = async (call) => {
    const answer = await call;
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
};

test('a room type is made, read, changed, deleted', async () => {
    const { admin, me, single } = house();
    const answer = await admin.post(types, { name: 'Suite', description: 'Two rooms', basePrice: 240.5, capacity: 4,
        amenities: ['wifi', 'a "view", \\ and {braces}'] });
    assert.equal(answer.status, 201, answer.text);
    const { id } = answer.json;
    assert.equal(answer.headers.location, `${types}/${id}`);
    assert.deepEqual(answer.json, { id, name: 'Suite', description: 'Two rooms', basePrice: 240.5, capacity: 4,
        amenities: ['wifi', 'a "view", \\ and {braces}'], isActive: true });
    assert.deepEqual((await me('viewer').get(`${types}/${id}`)).json, answer.json);
    const changed = await admin.patch(`${types}/${id}`, { basePrice: 250, amenities: [] });
    assert.deepEqual([changed.json.basePrice, changed.json.amenities, changed.json.name], [250, [], 'Suite'], changed.text);
    const list = await admin.get(types);
    assert.deepEqual(list.json.map((t) => t.name), ['Single', 'Double', 'Suite']);
    assert.equal(list.headers['x-total-count'], '3');
    const used = refused(await admin.call('DELETE', `${types}/${single}`), 409, 'room_type_in_use');
    assert.deepEqual(used.json.current, { rooms: ['S1', 'S2', 'S3'], bookings: 0 });
    assert.equal((await admin.call('DELETE', `${types}/${id}`)).status, 204);
    refused(await admin.get(`${types}/${id}`), 404, 'not_found');
    refused(await admin.post(rooms, { number: '1', roomTypeId: id }), 404, 'room_type_not_found', 'roomTypeId');
});

test('every bad field of a type and of a room is named at once', async () => {
    const { admin, single } = house();
    refused(await admin.post(types, {}), 422, 'invalid_field', 'basePrice', 'name');
    refused(await admin.post(types, { name: '', basePrice: -1, capacity: 21, amenities: ['ok', 7, ''], hue: 1 }), 422,
        'invalid_field', 'amenities[1]', 'amenities[2]', 'basePrice', 'capacity', 'hue', 'name');
    refused(await admin.post(types, { name: 'Single', basePrice: 1 }), 409, 'name_taken', 'name');
    refused(await admin.post(rooms, {}), 422, 'invalid_field', 'number', 'roomTypeId');
    refused(await admin.post(rooms, { number: 'S 9', roomTypeId: single }), 422, 'invalid_field', 'number');
    refused(await admin.post(rooms, { number: 'S1', roomTypeId: single }), 409, 'room_number_taken', 'number');
    refused(await admin.get(`${rooms}?housekeeping=shiny&floor=x&limit=0`), 422, 'invalid_field', 'floor', 'housekeeping', 'limit');
});

test('a room is made, listed, cleaned, closed, deleted', async () => {
    const { venue, admin, desk, single, double } = house();
    const room = await made(admin.post(rooms, { number: '104', roomTypeId: double, floor: 1, notes: 'by the lift' }));
    assert.deepEqual({ ...room, updatedAt: 0 }, { id: room.id, number: '104', floor: 1, roomTypeId: double, roomType: 'Double',
        housekeeping: 'clean', outOfOrder: false, notes: 'by the lift', version: 1, updatedBy: 'admin', updatedAt: 0 });
    const path = `${rooms}/${room.id}`;
    const dirty = await desk.patch(path, { housekeeping: 'dirty', version: 1 });
    assert.deepEqual([dirty.json.housekeeping, dirty.json.version, dirty.json.updatedBy], ['dirty', 2, 'frontdesk'], dirty.text);
    const late = refused(await desk.patch(path, { housekeeping: 'clean' }, { 'if-match': '"1"' }), 409, 'version_conflict');
    assert.equal(late.json.current.version, 2);
    assert.deepEqual((await desk.get(`${rooms}?housekeeping=dirty`)).json.map((r) => r.number), ['104']);
    assert.deepEqual((await desk.get(`${rooms}?roomTypeId=${single}&limit=2`)).json.map((r) => r.number), ['S1', 'S2']);
    const closed = await admin.patch(path, { outOfOrder: true, notes: '' });
    assert.deepEqual([closed.json.outOfOrder, closed.json.notes], [true, null]);
    assert.deepEqual((await desk.get(`${rooms}?outOfOrder=true`)).json.map((r) => r.id), [room.id]);
    assert.equal((await admin.get(`${rooms}/availability?startDate=${day(0)}&endDate=${day(1)}`)).json.totalRooms, 5);
    await made(desk.post(bookings, stay(single, { roomId: roomOf(venue, 'S1') })));
    refused(await admin.call('DELETE', `${rooms}/${roomOf(venue, 'S1')}`), 409, 'room_in_use');
    assert.equal((await admin.call('DELETE', path)).status, 204);
    refused(await admin.get(path), 404, 'not_found');
});

test('a booking is taken, read, changed; what was not said is reckoned', async () => {
    const { admin, desk, me, double } = house();
    const answer = await desk.post(bookings, stay(double, { checkIn: day(3), checkOut: day(6), adults: 2, children: 1, guests: 3,
        contactNumber: '+43 1 5550199', email: 'ada@example.org', source: 'phone', specialRequests: 'a cot' }));
    const booking = await made(answer);
    assert.match(booking.id, /^bkg\d+$/);
    assert.equal(answer.headers.location, `${bookings}/${booking.id}`);
    for (const [key, value] of Object.entries({ guestName: 'Ada Byron', checkIn: day(3), checkOut: day(6), roomType: 'Double',
        guests: 3, adults: 2, children: 1, status: 'pending', totalAmount: 360, nightlyRate: 120, paymentStatus: 'pending', source: 'phone',
        specialRequests: 'a cot', contactNumber: '+43 1 5550199', roomId: null, version: 1 })) assert.deepEqual(booking[key], value, key);
    const path = `${bookings}/${booking.id}`;
    assert.deepEqual((await desk.get(`${bookings}/${booking.id.slice(3)}`)).json, booking);
    const masked = (await me('viewer').get(path)).json;
    assert.deepEqual([masked.guestName, masked.contactNumber, masked.email, masked.specialRequests],
        ['A. B.', '+** * *****99', 'a***@***.org', null]);
    const longer = await desk.patch(path, { checkOut: day(7), status: 'confirmed', version: 1 });
    assert.deepEqual([longer.json.totalAmount, longer.json.status, longer.json.version], [480, 'confirmed', 2], longer.text);
    const late = refused(await desk.patch(path, { guests: 1, version: 1 }), 409, 'version_conflict');
    assert.equal(late.json.current.checkOut, day(7));
    refused(await admin.patch(path, { adults: 1, guests: 5 }), 422, 'invalid_field', 'guests');
});

test('every bad field of a booking is named, and nothing is sold', async () => {
    const { venue, desk, single, double } = house();
    refused(await desk.post(bookings, {}), 422, 'invalid_field', 'checkIn', 'checkOut', 'guestName', 'roomTypeId');
    refused(await desk.post(bookings, stay(single, { checkIn: '2026-02-30', guests: 0, source: 'pigeon', status: 'checked_in', hue: 1 })),
        422, 'invalid_field', 'checkIn', 'guests', 'hue', 'source', 'status');
    refused(await desk.post(bookings, stay(single, { checkOut: day(0) })), 422, 'invalid_field', 'checkOut');
    refused(await desk.post(bookings, stay(single, { guests: undefined })), 422, 'missing_field', 'guests');
    refused(await desk.post(bookings, stay(other.types[0])), 404, 'room_type_not_found', 'roomTypeId');
    refused(await desk.post(bookings, stay(single, { roomId: roomOf(venue, 'D1') })), 422, 'room_of_other_type', 'roomId');
    refused(await desk.post(bookings, stay(double, { roomId: roomOf(other, 'D1') })), 404, 'room_not_found', 'roomId');
    assert.equal(sql(`select count(*) from maitred.booking where venue = ${venue.id}`), '0');
});

test('a type is never sold beyond its rooms, nor a room twice, by eight desks at once', async () => {
    const { venue, desk, single, double } = house();
    const answers = await Promise.all(Array.from({ length: 8 }, () => desk.post(bookings, stay(double))));
    const statuses = answers.map((a) => a.status).sort().join();
    assert.equal(statuses, '201,201,409,409,409,409,409,409', answers.map((a) => a.text).join('\n'));
    assert.equal(answers.find((a) => a.status === 409).json.code, 'room_type_sold_out');
    const room = roomOf(venue, 'S1');
    const same = await Promise.all([1, 2, 3].map(() => desk.post(bookings, stay(single, { roomId: room }))));
    assert.deepEqual(same.map((a) => a.status).sort(), [201, 409, 409]);
    assert.equal(same.find((a) => a.status === 409).json.code, 'room_not_available');
    const free = (await desk.get(`${rooms}/availability?startDate=${day(0)}&endDate=${day(2)}`)).json;
    assert.deepEqual(free.roomTypes.map((t) => [t.type, t.available]), [['Single', 2], ['Double', 0]]);
});

test('a stay: the arrival is given a room that is ready, the departure leaves it dirty', async () => {
    const { venue, desk, double } = house();
    const [d1, d2] = [roomOf(venue, 'D1'), roomOf(venue, 'D2')];
    await desk.patch(`${rooms}/${d1}`, { housekeeping: 'dirty' });
    await desk.patch(`${rooms}/${d2}`, { housekeeping: 'inspected' });
    const one = await made(desk.post(bookings, stay(double)));
    const two = await made(desk.post(bookings, stay(double)));
    const step = (id, what, body) => desk.post(`${bookings}/${id}/${what}`, body);
    const arrived = await step(one.id, 'check-in');
    assert.deepEqual([arrived.json.status, arrived.json.roomId, arrived.json.room], ['checked_in', d2, 'D2'], arrived.text);
    const none = refused(await step(two.id, 'check-in'), 409, 'no_room_ready', 'roomId');
    assert.deepEqual(none.json.current, { dirty: [{ id: d1, number: 'D1' }] });
    refused(await step(two.id, 'check-in', { roomId: d1 }), 409, 'room_not_ready', 'roomId');
    refused(await step(two.id, 'check-in', { roomId: d2 }), 409, 'room_occupied', 'roomId');
    refused(await step(two.id, 'check-in', { roomId: roomOf(other, 'D1') }), 404, 'room_not_found', 'roomId');
    assert.equal((await step(two.id, 'check-in', { roomId: d1, allowDirty: true, version: two.version })).json.room, 'D1');
    const again = refused(await step(one.id, 'check-in'), 409, 'invalid_transition');
    assert.deepEqual(again.json.current.allowed, ['checked_out']);
    refused(await step(one.id, 'cancel'), 409, 'invalid_transition');
    const left = await step(one.id, 'check-out');
    assert.deepEqual([left.json.status, left.json.roomId], ['checked_out', d2]);
    assert.equal((await desk.get(`${rooms}/${d2}`)).json.housekeeping, 'dirty');
    refused(await desk.patch(`${bookings}/${one.id}`, { guestName: 'Somebody else' }), 409, 'booking_closed');
    const future = await made(desk.post(bookings, stay(double, { checkIn: day(9), checkOut: day(10) })));
    refused(await step(future.id, 'check-in'), 409, 'arrives_later', 'checkIn');
});

test('cancelling and not coming free the nights; the reason is kept', async () => {
    const { venue, desk, double } = house();
    const [one, two] = [await made(desk.post(bookings, stay(double))), await made(desk.post(bookings, stay(double)))];
    const gone = await desk.post(`${bookings}/${one.id}/cancel`, { reason: 'ill' });
    assert.equal(gone.json.status, 'cancelled', gone.text);
    assert.equal(sql(`select note from maitred.status_history where venue = ${venue.id} and new_status = 'cancelled'`), 'ill');
    assert.equal((await desk.post(`${bookings}/${two.id}/no-show`, {})).json.status, 'no_show');
    assert.equal((await desk.get(`${rooms}/availability?startDate=${day(0)}&endDate=${day(2)}`)).json.roomTypes[1].available, 2);
    assert.equal((await desk.post(`${bookings}/${two.id}/check-in`)).json.status, 'checked_in', 'late, but here');
    refused(await desk.post(`${bookings}/${one.id}/check-in`), 409, 'invalid_transition');
});

test('a stay is paid at the desk: a deposit, the rest, what is given back', async () => {
    const { me, desk, double } = house();
    const booking = await made(desk.post(bookings, stay(double))), url = `${bookings}/${booking.id}/payments`;
    const [first, twice] = [await desk.post(url, { amount: 40, method: 'card', version: booking.version }), await desk.post(url, { amount: 40, method: 'card', version: booking.version })];
    assert.deepEqual([first.status, first.headers.location, first.json.paymentStatus], [201, `${bookings}/${booking.id}`, 'partial'], first.text);
    assert.equal(refused(twice, 409, 'version_conflict', 'version').json.current.payments.length, 1);
    refused(await desk.post(url, { amount: -1, status: 'refunded' }), 422, 'invalid_field', 'amount', 'method', 'status');
    const more = await desk.post(url, { amount: 10, method: 'card', status: 'pending' });
    assert.deepEqual([more.json.paymentStatus, more.json.version], ['partial', first.json.version + 1], 'a version of its own');
    const rest = await desk.post(url, { method: 'cash' });
    assert.deepEqual(rest.json.payments.map((p) => [p.amount, p.method, p.status]),
        [[40, 'card', 'completed'], [10, 'card', 'pending'], [booking.totalAmount - 40, 'cash', 'completed']]);
    assert.equal(rest.json.paymentStatus, 'paid');
    assert.equal(refused(await desk.post(url, { method: 'cash' }), 409, 'booking_paid').json.current.paymentStatus, 'paid');
    const back = await desk.patch(`${url}/${rest.json.payments[0].id}`, { status: 'refunded' });
    assert.deepEqual([back.json.paymentStatus, back.json.payments[0].status], ['partial', 'refunded'], back.text);
    const again = refused(await desk.patch(`${url}/${rest.json.payments[0].id}`, { status: 'completed' }), 409, 'invalid_transition');
    assert.deepEqual(again.json.current.allowed, []);
    refused(await desk.patch(`${url}/999999999`, { status: 'refunded' }), 404, 'not_found');
    for (const role of ['waiter', 'kitchen', 'viewer']) refused(await me(role).post(url, { method: 'cash' }), 403, 'forbidden');
});

test('the list: who is in the house, who comes, the past; its filters and pages', async () => {
    const { venue, desk, single } = house();
    const book = (name, from, to) => made(desk.post(bookings, stay(single, { guestName: name, checkIn: day(from), checkOut: day(to) })));
    await book('Later', 5, 6);
    const here = await book('Here', 0, 1);
    await book('Soon', 1, 2);
    sql(`insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status, external_ref)
        values (${venue.id}, 'Past', ${single}, date '${day(0)}' - 20, date '${day(0)}' - 18, 'checked_out', 'x')`);
    await desk.post(`${bookings}/${here.id}/check-in`);
    const names = async (query = '') => (await desk.get(bookings + query)).json.map((b) => b.guestName);
    assert.deepEqual(await names(), ['Here', 'Soon', 'Later', 'Past']);
    assert.deepEqual(await names('?status=pending'), ['Soon', 'Later']);
    assert.deepEqual(await names('?status=checkedIn,checked_out'), ['Here', 'Past']);
    assert.deepEqual(await names(`?date=${day(1)}`), ['Here', 'Soon']);
    assert.deepEqual(await names(`?arrivalFrom=${day(1)}&arrivalTo=${day(3)}`), ['Soon']);
    const second = await desk.get(`${bookings}?page=2&limit=3`);
    assert.deepEqual([second.json.map((b) => b.guestName), second.headers['x-total-count']], [['Past'], '4']);
    refused(await desk.get(`${bookings}?arrivalFrom=${day(3)}&arrivalTo=${day(1)}`), 422, 'invalid_field', 'arrivalTo');
});

test('another hotel\'s answer as if there were none; rights are by role; a restaurant has no rooms', async () => {
    const { venue, admin, me, single } = house();
    const booking = await made(admin.post(bookings, stay(single)));
    const theirs = as(stack, other.token(stack, 'admin'));
    const [b, r, t] = [`${bookings}/${booking.id}`, `${rooms}/${roomOf(venue, 'S1')}`, `${types}/${single}`];
    for (const call of [theirs.get(b), theirs.patch(b, { guests: 1 }), theirs.post(`${b}/check-in`), theirs.post(`${b}/check-out`),
        theirs.post(`${b}/cancel`), theirs.post(`${b}/no-show`), theirs.post(`${b}/payments`, { method: 'cash' }), theirs.get(r), theirs.patch(r, { housekeeping: 'dirty' }),
        theirs.call('DELETE', r), theirs.get(t), theirs.patch(t, { capacity: 1 }), theirs.call('DELETE', t)])
        refused(await call, 404, 'not_found');
    for (const role of ['waiter', 'kitchen']) for (const path of [types, rooms, bookings]) refused(await me(role).get(path), 403, 'forbidden');
    for (const path of [types, rooms, bookings]) {
        assert.equal((await me('viewer').get(path)).status, 200);
        refused(await me('viewer').post(path, {}), 403, 'forbidden');
    }
    const cook = as(stack, bistro.token(stack, 'admin'));
    assert.deepEqual((await cook.get(rooms)).json, []);
    refused(await cook.post(types, { name: 'Loft', basePrice: 1 }), 409, 'not_a_hotel');
});
