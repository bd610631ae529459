// furnished.mjs - a venue that has one of everything, each with the venue's own canaries in whatever
// people can write into it: a word, a name's and a number of a telephone that no other venue has.
import { randomBytes, randomInt } from 'node:crypto';
import { sql } from './stack.mjs';
import { Venue } from './venue.mjs';

// What a path's parameter stands for: the first that fits, and whose id it is.
const kinds = [
    [/\/tables\/\{/, 'table'], [/\/floors\/\{/, 'floor'], [/\/menu\/categories\/\{/, 'category'],
    [/\/menu\/items\/\{/, 'dish'], [/\/restaurant\/reservations\/\{|\/history\/reservations\/\{/, 'reservation'],
    [/\/bookings\/\{/, 'booking'], [/\/room-types\/\{/, 'roomType'], [/\/rooms\/\{/, 'room'],
    [/\/orders\/\{/, 'order'], [/\/waiters\/\{/, 'waiter'], [/\/notifications\/\{/, 'notification'],
    [/\/service-requests\/\{/, 'request'], [/\/api-keys\/\{/, 'key'], [/\/accounts\/\{/, 'waiter'],
    [/\/sessions\/\{/, 'session'],
];
const inner = { itemId: 'line', paymentId: 'payment' };

export class Furnished extends Venue {
    constructor(kind) {
        super(kind);
        this.word = `canary${randomBytes(4).toString('hex')}`;
        this.phone = `+43 77${randomInt(1e9, 9e9)}`;
        this.canaries = [this.word, this.phone, this.slug];
        this.#decorate();
        this.ids = this.#fill();
    }

    #decorate() {
        sql(`update maitred.venue set name = 'House ${this.word}' where id = ${this.id}`);
        for (const [role, id] of Object.entries(this.accounts))
            sql(`update maitred.account set display_name = '${role} ${this.word}',
                email = '${role}@${this.word}.example' where id = ${id}`);
        this.apiKey('waiter');
        sql(`update maitred.api_key set label = 'key ${this.word}' where venue = ${this.id}`);
    }

    #one(table, columns) {
        const [names, values] = [Object.keys(columns), Object.values(columns)];
        return Number(sql(`insert into maitred.${table} (venue, ${names.join(', ')})
            values (${this.id}, ${values.join(', ')}) returning id`));
    }

    #fill() {
        const [word, phone] = [`'${this.word}'`, `'${this.phone}'`];
        const name = `'Mr ${this.word}'`, email = `'guest@${this.word}.example'`;
        const waiter = this.accounts.waiter;
        sql(`insert into maitred.floor (venue, number, name) values (${this.id}, 3, ${word})`);
        const customer = this.#one('customer', { name, phone, email });
        const table = this.#one('dining_table', { number: 77, label: "'L-77'", name: word, floor: 3,
            section: word, capacity: 4, status_note: word, updated_by: word });
        sql(`update maitred.dining_table set status = 'occupied' where venue = ${this.id} and id = ${table}`);
        const session = Number(sql(`update maitred.table_session set waiter_id = ${waiter}, guest_count = 2
            where venue = ${this.id} and table_id = ${table} and state = 'open' returning id`));
        const category = this.#one('menu_category', { name: word, description: word });
        const dish = this.#one('menu_item', { category_id: category, name: word, description: word,
            price: 1000, image: `'https://img.example/${this.word}.png'` });
        const order = this.#one('customer_order', { table_id: table, session_id: session, customer_name: name,
            customer_phone: phone, notes: word, created_by: word, updated_by: word });
        const line = this.#one('order_item', { order_id: order, menu_item_id: dish, name: word, quantity: 1,
            unit_price: 1000, notes: word });
        const payment = this.#one('payment', { order_id: order, amount: 500, method: "'cash'",
            status: "'completed'", created_by: word });
        const request = this.#one('service_request', { session_id: session, table_id: table,
            kind: "'call_waiter'", text: word });
        const notification = this.#one('notification', { waiter_id: waiter, kind: "'alert'", text: word,
            data: `'{"note": "${this.word}"}'`, table_id: table });
        const reservation = this.#one('reservation', { customer_id: customer, customer_name: name,
            contact_number: phone, email, party_size: 4, starts_at: this.soon(10),
            special_requests: word, status: "'pending'" });
        const roomType = this.#one('room_type', { name: word, description: word, base_price: 9000,
            amenities: `array[${word}]` });
        const room = this.#one('room', { room_type_id: roomType, number: "'R77'", note: word });
        const booking = this.#one('booking', { guest_name: name, customer_id: customer, room_type_id: roomType,
            room_id: room, check_in: 'current_date', check_out: 'current_date + 2', special_requests: word,
            status: "'pending'", total_amount: 18000 });
        for (const [what, id] of [['customer_order', order], ['reservation', reservation], ['booking', booking]])
            sql(`select set_config('maitred.note', ${word}, false);
                update maitred.${what} set status = 'confirmed' where venue = ${this.id} and id = ${id}`);
        const key = Number(sql(`select id from maitred.api_key where venue = ${this.id}`));
        return { table, session, floor: 3, category, dish, order, line, payment, request, notification,
            reservation, roomType, room, booking, waiter, key, customer };
    }

    // '/api/tables/{id}' with this venue's table.
    path(template) {
        const kind = kinds.find(([pattern]) => pattern.test(template))?.[1];
        return template.replace(/\{(\w+)\}/g, (_, parameter) => {
            const id = this.ids[inner[parameter] ?? kind];
            if (!id) throw new Error(`lib/furnished.mjs has nothing for ${template}`);
            return id;
        });
    }

    guest(stack, claims = {}) {
        return this.token(stack, 'guest', { sub: 'guest', session: this.ids.session, ...claims });
    }

    // Every row of this venue, as a digest: what must not have changed.
    digest() {
        const tables = sql(`select c.table_name from information_schema.columns c
            join information_schema.tables t using (table_schema, table_name)
            where c.table_schema = 'maitred' and c.column_name = 'venue' and t.table_type = 'BASE TABLE'
            order by 1`).split('\n').filter((name) => !['rate', 'revoked_token', 'login_attempt'].includes(name));
        return JSON.parse(sql(`select json_object_agg(name, digest) from (${tables.map((name) => `select '${name}' as name,
            count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest
            from maitred.${name} t where venue = ${this.id}`).join(' union all ')}) x`));
    }
}
