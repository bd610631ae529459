// rest.mjs - what a poll costs: requests a second and CPU of the program itself, beside floors of the
// same run, as ratios. Alternates short measurements in rounds, because the machine is shared; a
// figure is the median over the rounds. Counts the queries of each, which no noise can falsify.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { pidOf, rest, sql, token, until } from '../house/lib/house.mjs';
import { fronts, run } from './lib/fronts.mjs';

const env = process.env, dir = env.MAITRED_DIR;
const seconds = Number(env.SECONDS_EACH ?? 2), rounds = Number(env.ROUNDS ?? 3);
const sizes = (env.CONNECTIONS ?? '1 32 128').split(' ').map(Number);
const list = '/api/restaurant/reservations', threads = 8;
const bearer = token('bistro', 'admin');
const conf = `${dir}/maitred.conf`;

// The page of reservations whose answer is nearest to 1.9 KB.
async function choose() {
    let best = null;
    for (let limit = 1; limit <= 20; limit++) {
        const path = `${list}?limit=${limit}`, answer = await rest('GET', path, bearer);
        const bytes = Buffer.byteLength(JSON.stringify(answer.body));
        if (!best || Math.abs(bytes - 1900) < Math.abs(best.bytes - 1900)) best = { path, bytes, limit };
    }
    return best;
}

// Microseconds of a process and its children (nginx's workers): all, and those outside the kernel, whose
// share the kernel tells in ticks.
const fields = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ');
function family(pid) {
    const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return [pid, ...numbers.filter((name) => { try { return Number(fields(name)[1]) === pid; } catch { return false; } })];
}
function cpu(pid) {
    const sum = { all: 0, user: 0, kernel: 0 };
    for (const member of family(pid)) {
        for (const task of readdirSync(`/proc/${member}/task`))
            sum.all += Number(readFileSync(`/proc/${member}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e3;
        sum.user += Number(fields(member)[11]);
        sum.kernel += Number(fields(member)[12]);
    }
    return sum;
}
function spent(before, after, requests) {
    const all = (after.all - before.all) / requests, user = after.user - before.user;
    return { all, user: all * user / (user + after.kernel - before.kernel) };
}
const calls = () => Number(sql(`select coalesce(sum(s.calls), 0) from pg_stat_statements s where s.query like '%api.reservation_list(%'`));

function wrk(url, connections, headers, time = seconds) {
    const args = ['-t1', '--latency', `-c${connections}`, `-d${time}s`, ...headers.flatMap((h) => ['-H', h]), url];
    const out = execFileSync('wrk', args, { encoding: 'utf8' });
    const [, requests] = /(\d+) requests in/.exec(out), [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(out);
    const bad = /Non-2xx or 3xx responses: (\d+)/.exec(out) ?? /Socket errors: (.*)/.exec(out);
    if (bad) throw new Error(`${url}: ${bad[0]}`);
    const within = (share) => {
        const [, value, unit] = new RegExp(`${share}% +([\\d.]+)(us|ms|s)`).exec(out);
        return Number(value) * { us: 1e-3, ms: 1, s: 1e3 }[unit];
    };
    return { requests: Number(requests), rate: Number(rate), p50: within(50), p99: within(99) };
}

// A connection of its own: a kept one may be closed by the server between two measurements.
async function get(port, target, lines) {
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
    const [answer] = await once(http.get({ host: '127.0.0.1', port, path: target, headers, agent: false }), 'response');
    let body = '';
    for await (const part of answer.setEncoding('utf8')) body += part;
    return { status: answer.statusCode, headers: answer.headers, body };
}

// One request of each way is looked at before any is counted.
async function checked(port, { path: target, tag }, headers) {
    const answer = await get(port, target, headers);
    return { ...answer, right: answer.status === (tag ? 304 : 200) };
}

// The op's own statement, as the program prepared it, with the same arguments.
function statement(limit) {
    const text = sql(`select query from pg_stat_statements s join pg_roles r on r.oid = s.userid
        where rolname = 'maitred_rest' and query like '%api.reservation_list(%' limit 1`);
    const venue = JSON.parse(Buffer.from(bearer.split('.')[1], 'base64url').toString());
    const values = [`(${venue.venue},${venue.sub},"admin",admin,,,f)`, null, null, 1, limit];
    writeFileSync(`${dir}/op.sql`, text.replace(/\$(\d)/g, (_, n) => values[n - 1] === null ? 'null' : `:v${n}`) + ';\n');
    return values.flatMap((value, i) => value === null ? [] : ['-D', `v${i + 1}=${value}`]);
}
function pgbench(defines) {
    const out = execFileSync('pgbench', ['-n', '-M', 'prepared', '-f', `${dir}/op.sql`, '-c', '8', '-j', '2', '-T', String(seconds), ...defines],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, PGUSER: 'maitred_rest' } });
    return Number(/tps = ([\d.]+)/.exec(out)[1]);
}

const median = (values) => values.slice().sort((a, b) => a - b)[values.length >> 1];
let failed = 0;
const claim = (name, good, why) => { failed += !good; console.log(`${good ? 'ok' : 'not ok'} - ${name}${good ? '' : `: ${why}`}`); };

sql('create extension if not exists pg_stat_statements');
await rest('GET', list, bearer);
const { path, bytes, limit } = await choose();
const sockets = { run: `${env.SHORT ?? dir}/run`, hello: `${dir}/run/hello.sock`, plain: `${dir}/run/plain.sock` };
const hello = run('hello', env.HELLO, [sockets.hello, String(threads), String(bytes)]);
const plain = run('plain', `${env.MAITRED_BUILD}/maitred-reservations`, ['--config', conf, '--socket', sockets.plain],
    { MAITRED_ANSWER_CACHE_BYTES: '0', MAITRED_URI_PREFIX: '/plain' });
const both = await fronts(sockets, bytes);
const auth = [`Authorization: Bearer ${bearer}`];
const tagged = async (port) => {
    const { headers } = await get(port, path, auth);
    return [...auth, `If-None-Match: ${headers.etag}`];
};
const pid = pidOf('reservations');
await until('the page knows the venue', async () => {
    const n = calls();
    await rest('GET', path, bearer);
    return calls() === n;
});

const ways = {
    hello: { path: '/hello/', pid: hello.pid },
    304: { path, pid, tag: true },
    kept: { path, pid },
    query: { path: `/plain${path}`, pid: plain.pid },
    static: { path: '/static/body.json', only: 'nginx' },
};
const measured = [], database = [], bodies = new Set();
const values = statement(limit);
for (const { port } of both) wrk(`http://127.0.0.1:${port}${ways.query.path}`, 8, auth, 1); // connections, plans
for (let round = 0; round < rounds; round++) {
    for (const front of both)
        for (const connections of sizes)
            for (const [way, { path: target, pid: of, tag, only }] of Object.entries(ways)) {
                if (only && only !== front.name) continue;
                const headers = tag ? await tagged(front.port) : auth;
                const { right, status, body } = await checked(front.port, ways[way], headers);
                if (!right) throw new Error(`${front.name} ${way}: ${status}`);
                if (way === 'kept' || way === 'query') bodies.add(body);
                const statements = way === 'query' ? pgbench(values) : NaN; // beside what it is compared with
                if (way === 'query') database.push(statements);
                const [before, beforeServer, n] = [cpu(of ?? front.pid), cpu(front.pid), calls()];
                const figures = wrk(`http://127.0.0.1:${front.port}${target}`, connections, headers);
                const program = of ? spent(before, cpu(of), figures.requests) : { all: NaN, user: NaN };
                measured.push({ front: front.name, connections, way, statements, queries: calls() - n, ...figures,
                    all: program.all, user: program.user, server: spent(beforeServer, cpu(front.pid), figures.requests).all });
            }
}

const of = (front, connections, way) => measured.filter((m) => m.front === front && m.connections === connections && m.way === way);
console.log(`# ${path}: ${bytes} bytes; ${threads} threads; ${seconds} s each, ${rounds} rounds; pgbench with 8 clients: ` +
    `${Math.round(median(database))} statements/s`);
console.log('# front     conn  way     requests/s  p50 ms  p99 ms   of hello  of pgbench  of static  CPU-us    user  server  queries a request');
for (const { name } of both)
    for (const connections of sizes)
        for (const way of Object.keys(ways)) {
            const rows = of(name, connections, way);
            if (!rows.length) continue;
            const ratio = (other) => median(rows.map((m, i) => m.rate / other(m, i))).toFixed(2);
            const beside = (floor) => (m, i) => of(name, connections, floor)[i]?.rate ?? NaN;
            console.log(`# ${name.padEnd(9)}${String(connections).padStart(5)}  ${way.padEnd(7)}` +
                `${String(Math.round(median(rows.map((m) => m.rate)))).padStart(10)}` +
                `${median(rows.map((m) => m.p50)).toFixed(2).padStart(8)}${median(rows.map((m) => m.p99)).toFixed(2).padStart(8)}${ratio(beside('hello')).padStart(11)}` +
                `${ratio((m) => m.statements).padStart(12)}${ratio(beside('static')).padStart(11)}` +
                ['all', 'user', 'server'].map((part) => median(rows.map((m) => m[part])).toFixed(1).padStart(8)).join('') +
                `${(rows.reduce((n, m) => n + m.queries, 0) / rows.reduce((n, m) => n + m.requests, 0)).toFixed(4).padStart(19)}`);
        }

claim('a kept answer and a queried one are the same', bodies.size === 1, `${bodies.size} bodies`);
// A minute's turn makes the answer anew, once or, when several ask at that moment, once a thread; and a
// sidecar that the measurement before has starved is not believed for a moment.
for (const { way, front, queries, requests, connections } of measured) {
    if (way === '304' || way === 'kept')
        claim(`${front}, ${connections} connections: ${requests} requests (${way}) are no queries`, requests > 100 && queries <= 2 * threads + requests / 100, `${queries} queries`);
    if (way === 'query')
        claim(`${front}, ${connections} connections: ${requests} requests without kept answers are queries`, queries >= requests, `${queries} queries`);
}
process.exit(failed ? 1 : 0);
