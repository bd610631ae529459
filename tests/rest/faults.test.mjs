// faults.test.mjs - when parts die: the database, a program, a worker's connection; and reloads.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, bin, sql, top } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('faults');
let venue, admin;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    admin = as(stack, venue.token(stack, 'admin'));
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations';
const body = { customerName: 'In Trouble', partySize: 2, date: '2027-02-03T19:00:00Z' };
const cluster = (command) => execFileSync('bash', ['-c', `source "${top}/tests/lib/cluster.sh"
    dir="$MAITRED_TEST_DIR/pg"
    cd / && cluster_as "$CLUSTER_BIN/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 ${command} >/dev/null`]);

test('the database away is 503 with Retry-After, and service resumes by itself', async () => {
    assert.equal((await admin.get(list)).status, 200);
    const waiter = as(stack, venue.token(stack, 'waiter'));
    cluster('-m immediate stop');
    try {
        for (const answer of await Promise.all([admin.get(list), admin.post(list, body), waiter.get(list),
            as(stack).post('/api/auth/login', { username: 'admin', password: 'x', venue: venue.slug })])) {
            assert.equal(answer.status, 503, answer.text);
            assert.ok(Number(answer.headers['retry-after']) >= 1);
            assert.equal(answer.json.code, 'unavailable');
            assert.doesNotMatch(answer.text, /socket|server|FATAL|postgres/i);
        }
    } finally {
        cluster('start');
    }
    await until(async () => (await admin.get(list)).status === 200, 'reads are served again');
    assert.equal((await admin.post(list, body)).status, 201);
});

test('a connection that was killed under a worker is made again, unseen', async () => {
    for (let i = 0; i < 5; i++) {
        sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'maitred_rest'`);
        const answers = await Promise.all([admin.get(list), admin.get('/api/dashboard/stats'), admin.get(list)]);
        assert.deepEqual(answers.map((a) => a.status), [200, 200, 200]);
    }
});

test('kill -9 of a program: its successor serves the next request', async () => {
    for (let i = 0; i < 3; i++) {
        await stack.stop('reservations', 'SIGKILL');
        await stack.startProgram('reservations');
        assert.equal((await admin.get(list)).status, 200);
    }
});

test('SIGTERM finishes what is being served, exits 0 and removes its socket', async () => {
    const path = `${stack.run}/accounts.sock`;
    const answers = Array.from({ length: 12 }, () => admin.get('/api/user/profile'));
    await Promise.race(answers);
    const stopping = stack.stop('accounts');
    for (const answer of await Promise.all(answers)) assert.ok([200, 503].includes(answer.status), answer.text);
    assert.equal(await stopping, 0);
    assert.equal(fs.existsSync(path), false);
    await stack.startProgram('accounts');
    assert.equal((await admin.get('/api/user/profile')).status, 200);
});

test('while a sidecar starts that does not know yet who is revoked, its page is not believed', async () => {
    const jti = randomBytes(12).toString('hex'), gone = as(stack, venue.token(stack, 'waiter', { jti }));
    sql(`insert into maitred.revoked_token (jti, venue, account_id, expires_at)
        values ('${jti}', ${venue.id}, ${venue.accounts.waiter}, now() + interval '1 hour')`);
    await stack.sidecarReady();
    await stack.stop('sidecar', 'SIGKILL');
    const hand = spawn('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    hand.stdin.write('begin; lock maitred.revoked_token in access exclusive mode; select 1;\n');
    await once(hand.stdout, 'data');
    let answer;
    try {
        stack.startSidecar();
        const reasons = () => fetch(`http://127.0.0.1:${stack.realtimePort}/readyz`).then((r) => r.json()).then((r) => r.reasons.join(), () => '');
        await until(async () => await reasons() === 'revoked tokens are not known yet', 'it has caught up but for that');
        answer = gone.get(list); // the database is asked, and can't answer yet either
        await new Promise((done) => setTimeout(done, 300));
    } finally {
        hand.stdin.end('rollback;\n');
    }
    assert.equal((await answer).status, 401, (await answer).text);
    await stack.sidecarReady();
    assert.equal((await gone.get(list)).status, 401);
});

test('a socket that is served is not taken away from its program', () => {
    assert.throws(() => execFileSync(`${bin}/maitred-stats`, ['--config', stack.config, '--socket',
        `${stack.run}/stats.sock`], { stdio: 'ignore', timeout: 5000 }), { status: 1 });
});

test('SIGHUP takes new keys, and the old ones go when their file goes', async () => {
    const child = stack.children.get('accounts');
    const old = venue.token(stack, 'admin');
    const oldKey = stack.key;
    const fresh = randomBytes(48);
    const reloads = () => stack.log('accounts').match(/msg="?reloaded/g)?.length ?? 0;
    const reload = async () => {
        const n = reloads();
        child.kill('SIGHUP');
        await until(() => reloads() > n, 'the keys are reloaded');
    };
    fs.writeFileSync(`${stack.dir}/keys/b.hs256`, fresh, { mode: 0o600 });
    await reload();
    stack.key = fresh;
    const rotated = as(stack, venue.token(stack, 'admin', {}, { kid: 'b' }));
    assert.equal((await rotated.get('/api/user/profile')).status, 200);
    assert.equal((await as(stack, old).get('/api/user/profile')).status, 200);
    fs.rmSync(`${stack.dir}/keys/a.hs256`);
    await reload();
    assert.equal((await as(stack, old).get('/api/user/profile')).status, 401);
    assert.equal((await rotated.get('/api/user/profile')).status, 200);
    stack.key = oldKey;
    fs.writeFileSync(`${stack.dir}/keys/a.hs256`, oldKey, { mode: 0o600 });
    await reload();
    assert.equal((await admin.get('/api/user/profile')).status, 200);
});

test('a bad key or setting at start is refused with the reason; at SIGHUP the old ones stay', async () => {
    fs.writeFileSync(`${stack.dir}/bad.conf`, `key_dir = ${stack.dir}/keys\nthreads = many\nnonsense = 1\n`);
    assert.throws(() => execFileSync(`${bin}/maitred-stats`, ['--config', `${stack.dir}/bad.conf`, '--socket',
        `${stack.run}/none.sock`], { stdio: 'pipe', timeout: 5000 }), (e) => {
        assert.equal(e.status, 1);
        assert.match(e.stderr.toString(), /threads[\s\S]*nonsense|nonsense[\s\S]*threads/);
        return true;
    });
    fs.writeFileSync(`${stack.dir}/keys/short.hs256`, 'short');
    stack.children.get('stats').kill('SIGHUP');
    await until(() => /reload refused/.test(stack.log('stats')), 'the reload is refused');
    fs.rmSync(`${stack.dir}/keys/short.hs256`);
    assert.equal((await admin.get('/api/dashboard/stats')).status, 200);
});

test('as many as there are come and go: more clients than threads are all served', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) =>
        admin.get(i % 2 ? '/api/user/profile' : list)));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
});
