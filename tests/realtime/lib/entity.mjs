// entity.mjs - what the tests of the sockets of one thing share: clients by path, guests, a menu.
import { randomBytes } from 'node:crypto';
import { Client, addOrder, setTable, sql, token } from './rig.mjs';

// A client of any path; it is not waited for.
export function connect(sidecar, path, venue, role = 'admin', bearer = token(venue, role)) {
    return new Client(new URL(`ws://127.0.0.1:${sidecar.port}${path}`), bearer);
}

// ... opened, and with the message that the path begins with.
export async function opened(sidecar, path, venue, first, role = 'admin', bearer = undefined) {
    const c = connect(sidecar, path, venue, role, bearer);
    await c.opened;
    await c.wait(first);
    return c;
}

// What an attempt to open ends in before the upgrade: its status.
export async function refusal(...args) {
    const c = connect(...args);
    try {
        await c.opened;
    } catch (error) {
        return Number(/ (\d{3})$/.exec(error.message)[1]);
    }
    await c.close();
    return 101;
}

// A table's open session, made by occupying it.
export function seat(venue, i = 0, waiter = null) {
    setTable(venue, 'occupied', i);
    return Number(sql(`update maitred.table_session set waiter_id = ${waiter ?? 'waiter_id'}
        where venue = ${venue.id} and table_id = ${venue.tables[i]} and state = 'open' returning id`));
}

export function dish(venue, price = 1250) {
    return Number(sql(`with c as (insert into maitred.menu_category (venue, name)
        values (${venue.id}, 'Mains ${randomBytes(4).toString('hex')}') returning id)
        insert into maitred.menu_item (venue, category_id, name, price) select ${venue.id}, id, 'Soup', ${price} from c returning id`));
}

export const orderOf = (venue, session) => {
    const id = addOrder(venue);
    sql(`update maitred.customer_order set session_id = ${session} where venue = ${venue.id} and id = ${id}`);
    return id;
};

export const addLine = (venue, order, item) => sql(`insert into maitred.order_item (venue, order_id, menu_item_id, quantity)
    values (${venue.id}, ${order}, ${item}, 2)`);

export const setOrder = (venue, id, status) =>
    sql(`update maitred.customer_order set status = '${status}' where venue = ${venue.id} and id = ${id}`);

export const pay = (venue, order) => Number(sql(`insert into maitred.payment (venue, order_id, amount, method, status)
    values (${venue.id}, ${order}, 2500, 'card', 'completed') returning id`));

// As staff make it: known to the session, so that it goes with it.
export function guestToken(venue, { session, order }) {
    const jti = randomBytes(8).toString('hex');
    if (session)
        sql(`insert into maitred.guest_token (jti, venue, session_id, expires_at)
            values ('${jti}', ${venue.id}, ${session}, now() + interval '1 hour')`);
    return token(venue, 'guest', { sub: 'guest', role: 'guest', name: 'guest', jti, ...(session ? { session } : { order }) });
}

// More rows than are told one by one.
export const bulk = (venue) => sql(`insert into maitred.dining_table (venue, number, label, capacity)
    select ${venue.id}, n, 'B-' || n, 2 from generate_series(100, 800) n`);
