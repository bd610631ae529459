// asyncapi.test.mjs - /asyncapi.json: that it has what the sidecar serves and no more, that linters have
// nothing to say, that every example is what its schema says. (asyncapi-live.test.mjs holds what is
// really said against it.)
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Parser } from '@asyncapi/parser';
import { Sidecar, top } from './lib/rig.mjs';
import { Contract } from './lib/asyncapi.mjs';

let sidecar, answer, document, contract, file;
before(async () => {
    sidecar = await new Sidecar().start();
    answer = await fetch(`http://127.0.0.1:${sidecar.port}/asyncapi.json`);
    const text = await answer.text();
    document = JSON.parse(text);
    contract = new Contract(document);
    file = path.join(sidecar.dir, 'asyncapi.json');
    fs.writeFileSync(file, text);
});
after(() => sidecar.stop());

// ------------------------------------------------------------------ the document

test('it is public, cached and answered 304', async () => {
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.match(answer.headers.get('cache-control'), /public/);
    for (const tag of [answer.headers.get('etag'), answer.headers.get('etag').replace(/"$/, '-gzip"'), '*']) {
        const again = await fetch(answer.url, { headers: { 'If-None-Match': tag } });
        assert.deepEqual([again.status, await again.text()], [304, ''], tag);
    }
    assert.equal((await fetch(answer.url, { headers: { 'If-None-Match': '"another"' } })).status, 200);
    assert.equal((await fetch(answer.url, { method: 'POST' })).status, 405);
    assert.equal(document.asyncapi, '3.0.0');
});

test('it has every endpoint where something is told or asked, with its right, and no other', () => {
    const rows = [...fs.readFileSync(`${top}/realtime/endpoints.c`, 'utf8').matchAll(/\{"GET", "([^"]+)", CAP_([A-Z_]+),\s+\S+\s+&way_(?!document)/g)]
        .map(([, address, cap]) => `${address} ${cap.toLowerCase().replace('_', '.')}`);
    assert.ok(rows.length >= 15);
    assert.deepEqual(Object.values(document.channels).map((c) => `${c.address} ${c['x-capability']}`), rows);
});

test('the channels of /ws are those of docs/ws.md, with their rights', () => {
    const rights = {};
    for (const line of fs.readFileSync(`${top}/docs/ws.md`, 'utf8').split('\n')) {
        const [, names, , right] = /^\| (`[a-z_:`, A-Z]+) \| (.*) \| ([a-z_., ]+) \|$/.exec(line) ?? [];
        names?.split(', ').forEach((name, i) => { rights[name.replace(/`|:\w+/g, '')] = right.split(', ')[i] ?? right.split(', ')[0]; });
    }
    const told = contract.operations('ws').filter(([, op]) => op.action === 'send' && op['x-venue']);
    assert.deepEqual(Object.fromEntries(told.map(([id, op]) => [id.replace('ws.', ''), op['x-capability']])), rights);
});

test('whoever may do what is said with each operation; each close code is said once', () => {
    for (const [id, op] of Object.entries(document.operations)) assert.ok(op['x-capability'] && op['x-roles'] && op.description, id);
    const codes = document['x-close-codes'].map(({ code }) => code);
    for (const code of [1001, 1008, 1009, 1012, 1013, 4003, 4004, 4008, 4404]) assert.ok(codes.includes(code), String(code));
    assert.equal(new Set(codes).size, codes.length);
});

test('every message has an example, and every example is what its schema says', () => {
    const problems = [];
    let n = 0;
    for (const [name, { payload, examples }] of Object.entries(document.components.messages)) {
        if (!payload) continue;
        if (!examples?.length) problems.push(`${name} has no example`);
        for (const example of examples ?? []) {
            const wrong = contract.wrong(name, example.payload);
            if (wrong) problems.push(`${name}: ${wrong}`);
            n += 1;
        }
    }
    for (const [name, { examples }] of Object.entries(document.components.schemas))
        for (const example of examples ?? []) {
            const validate = contract.ajv.getSchema(`doc#/components/schemas/${name}`);
            if (!validate(example)) problems.push(`${name}: ${contract.ajv.errorsText(validate.errors)}`);
        }
    assert.deepEqual(problems, []);
    assert.ok(n > 100, String(n));
    assert.notEqual(contract.wrong('channels.pong', { type: 'pong' }), '', 'it would be seen');
});

const run = promisify(execFile);
const lint = (tool, ...args) => run(process.execPath, [`${top}/node_modules/.bin/${tool}`, ...args], { cwd: sidecar.dir })
    .then(({ stdout }) => ({ code: 0, text: stdout }), (failed) => ({ code: failed.code, text: failed.stdout + failed.stderr }));
const redocly = (name) => lint('redocly', 'lint', '--config', `${top}/tests/openapi/redocly.yaml`, name);
const spectral = (name) => lint('spectral', 'lint', '--fail-severity', 'hint', '-r', `${top}/tests/openapi/asyncapi.yaml`, name);

// The parser of the specification's makers, with whatever it has to say but that there is a newer version of
// the specification (as in tests/openapi/asyncapi.yaml).
const parsed = async (text) => {
    const { document: model, diagnostics } = await new Parser().parse(text);
    return { model, problems: diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version').map(({ code, path: at }) => `${code} ${at.join('.')}`) };
};

test('AsyncAPI\'s own parser takes it, and finds in it what is there', async () => {
    const { model, problems } = await parsed(JSON.stringify(document));
    assert.deepEqual(problems, []);
    assert.equal(model.version(), '3.0.0');
    assert.deepEqual(model.channels().all().map((c) => c.address()), Object.values(document.channels).map((c) => c.address));
    assert.equal(model.operations().all().length, Object.keys(document.operations).length);
});

test('Redocly and Spectral have nothing to say', async () => {
    const { code, text } = await redocly(file);
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, /\d+ (errors?|warnings?)/, text);
    const other = await spectral(file);
    assert.equal(other.code, 0, other.text);
});

test('... and would say something: a reference that leads nowhere, an operation without an action', async () => {
    const broken = structuredClone(document), bad = path.join(sidecar.dir, 'broken.json');
    broken.channels.ws.messages.pong = { $ref: '#/components/messages/nowhere' };
    delete broken.operations['ws.say'].action;
    fs.writeFileSync(bad, JSON.stringify(broken));
    for (const { code, text } of [await redocly(bad), await spectral(bad)]) {
        assert.equal(code, 1);
        assert.match(text, /operations.ws\.ping.reply/, text);
        assert.match(text, /operations.ws\.say/, text);
    }
    assert.deepEqual((await parsed(JSON.stringify(broken))).problems.sort(),
        ['asyncapi-document-resolved operations.ws.say', 'invalid-ref operations.ws.ping.reply.messages.0.$ref']);
});
