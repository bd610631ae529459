// venue.mjs - a venue of the test's own, made in SQL, with an account of every role.
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { sql } from './stack.mjs';

export const password = 'correct horse';
// libcrypt's own yescrypt, through perl's crypt().
const hash = execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($y$j75$testsaltforall0))', password],
    { encoding: 'utf8' });
export const roles = ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer'];

const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
    .toString('base64url');

export class Venue {
    constructor(kind) {
        this.kind = kind;
        this.slug = `t${randomBytes(5).toString('hex')}`;
        this.id = Number(sql(`insert into maitred.venue (slug, kind, name, timezone)
            values ('${this.slug}', '${kind}', 'Test ${kind}', 'UTC') returning id`));
        this.accounts = JSON.parse(sql(`with made as (insert into maitred.account
            (venue, username, display_name, email, role, password_hash)
            select ${this.id}, r, 'The ' || r, r || '@example.org', r, '${hash}'
            from unnest('{${roles}}'::text[]) r returning role, id) select json_object_agg(role, id) from made`));
        if (kind === 'restaurant') this.furnish();
        else this.build();
    }

    furnish() {
        this.tables = sql(`insert into maitred.floor (venue, number, name) values (${this.id}, 1, 'Ground');
            insert into maitred.dining_table (venue, number, label, capacity)
            select ${this.id}, n, 'T-' || n, 4 from generate_series(1, 6) n returning id`)
            .split('\n').map(Number);
    }

    build() {
        this.types = sql(`insert into maitred.room_type (venue, name, base_price)
            values (${this.id}, 'Single', 9000), (${this.id}, 'Double', 12000) returning id`)
            .split('\n').map(Number);
        sql(`insert into maitred.room (venue, room_type_id, number)
            select ${this.id}, ${this.types[0]}, 'S' || n from generate_series(1, 3) n
            union all select ${this.id}, ${this.types[1]}, 'D' || n from generate_series(1, 2) n`);
    }

    // The day that the venue's people are in: until the cutoff it is yesterday's.
    today() {
        return sql(`select maitred.today(${this.id})`);
    }

    // So many minutes from now, in SQL, or the last one of the business day: what is called today's must be at any hour.
    soon(minutes) {
        return `(select least(now() + interval '${minutes} minutes', maitred.day_start(timezone, business_day_cutoff,
            maitred.today(id) + 1) - interval '1 minute') from maitred.venue where id = ${this.id})`;
    }

    // A token as the accounts program would sign it; `claims` says what is different.
    token(stack, role, claims = {}, header = {}) {
        const now = Math.floor(Date.now() / 1000);
        const body = {
            iss: 'maitred-test', aud: 'maitred-test', sub: String(this.accounts[role] ?? 0), name: role,
            venue: this.id, slug: this.slug, role, jti: randomBytes(12).toString('hex'),
            iat: now, nbf: now, exp: now + 3600, ...claims,
        };
        const signed = `${base64({ alg: 'HS256', typ: 'JWT', kid: 'a', ...header })}.${base64(body)}`;
        return `${signed}.${createHmac('sha256', stack.key).update(signed).digest('base64url')}`;
    }

    apiKey(role) {
        const key = `mk_${randomBytes(32).toString('base64url')}`;
        const hex = createHash('sha256').update(key).digest('hex');
        sql(`insert into maitred.api_key (venue, account_id, hash, label)
            values (${this.id}, ${this.accounts[role]}, '${hex}', 'test')`);
        return key;
    }

    reservation(name, startsAt, rest = '') {
        return Number(sql(`insert into maitred.reservation
            (venue, customer_name, contact_number, email, party_size, starts_at, status ${rest && ', '}${rest})
            values (${this.id}, '${name}', '+43 1 234567', 'x@example.org', 4, ${startsAt}, 'confirmed')
            returning id`));
    }
}

// Calls in the name of one role: as(stack, token).get('/api/...')
export function as(stack, token) {
    const call = (method, target, body, headers = {}) => stack.request(method, target, {
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
            ...(token && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(body !== undefined && { 'content-length': Buffer.byteLength(
                typeof body === 'string' ? body : JSON.stringify(body)) }),
            ...headers,
        },
    });
    return {
        get: (target, headers) => call('GET', target, undefined, headers),
        head: (target, headers) => call('HEAD', target, undefined, headers),
        post: (target, body, headers) => call('POST', target, body, headers),
        patch: (target, body, headers) => call('PATCH', target, body, headers),
        call,
    };
}
