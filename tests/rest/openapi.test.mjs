// openapi.test.mjs - /api/openapi.json: that it is what the programs serve, that linters have nothing
// to say, and that every example is what its schema says. (With MAITRED_PRISM=1 the other tests hold
// the answers themselves against it.)
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020.js';
import { Stack, bin, programs, top } from './lib/stack.mjs';
import { as } from './lib/venue.mjs';

const stack = new Stack('openapi');
const url = '/api/openapi.json';
let answer, document, file;
before(async () => {
    await stack.start();
    answer = await as(stack).get(url);
    document = answer.json;
    file = path.join(stack.dir, 'openapi.json');
    fs.writeFileSync(file, answer.text);
});
after(() => stack.stopAll());

const operations = () => Object.entries(document.paths).flatMap(([at, item]) =>
    Object.entries(item).map(([method, op]) => ({ method, path: at, ...op })));
const follow = (ref) => ref.slice(2).split('/').reduce((at, key) => at[key], document);
const success = (op) => Object.entries(op.responses).find(([status]) => status.startsWith('2'));


test('it is public, cached and answered 304', async () => {
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.match(answer.headers['cache-control'], /public/);
    const again = await as(stack).get(url, { 'if-none-match': answer.headers.etag });
    assert.deepEqual([again.status, again.text], [304, '']);
});

test('it has every route of every program, and no other', () => {
    const served = programs.flatMap((name) => execFileSync(`${bin}/maitred-${name}`, ['--routes'], { encoding: 'utf8' })
        .trim().split('\n').filter(Boolean).map((line) => line.split(' ').slice(0, 2).join(' ')));
    const written = operations().map((op) => `${op.method.toUpperCase()} ${op.path}`);
    assert.ok(served.length > 50);
    assert.deepEqual(written.sort(), served.sort());
});

test('each operation says its right, what it answers, and what can go wrong', () => {
    const ids = operations().map((op) => op.operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const op of operations()) {
        const where = `${op.method} ${op.path}`;
        assert.ok(op['x-capability'] && op.summary && op.description, where);
        const [status, good] = success(op);
        if (status === '204') continue;
        const schema = good.content['application/json'].schema;
        assert.ok(schema && follow(schema.$ref).examples?.length, `${where} has no schema with an example`);
        if (op['x-capability'] !== 'public') assert.ok(op.responses[401], where);
        if (op.method === 'get') assert.ok(op.responses[304], where);
    }
});

test('deprecated is what answers with a Deprecation header', () => {
    const deprecated = operations().filter((op) => op.deprecated).map((op) => op.path);
    assert.deepEqual(deprecated.sort(), ['close', 'disable', 'enable', 'restore'].map((step) => `/admin/api/tables/{id}/${step}`)
        .concat('/admin/api/tables/move').sort());
    for (const op of operations()) assert.equal('Deprecation' in (success(op)[1].headers ?? {}), op.deprecated === true, op.path);
});

test('every example is what its schema says, and every write has one', () => {
    const ajv = new Ajv({ allErrors: true, strict: false, allowUnionTypes: true });
    addFormats(ajv);
    ajv.addSchema({ $id: 'https://maitred.example/openapi', components: document.components }, 'doc');
    const wrong = [];
    const check = (schema, value, where) => {
        const holds = ajv.compile(schema);
        if (!holds(value)) wrong.push(`${where}: ${ajv.errorsText(holds.errors)}`);
    };
    const absolute = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components'));
    let n = 0;
    for (const [name, schema] of Object.entries(document.components.schemas))
        for (const example of schema.examples ?? []) { check({ $ref: `doc#/components/schemas/${name}` }, example, name); n += 1; }
    for (const op of operations()) {
        const body = op.requestBody?.content['application/json'];
        if (!body || !Object.keys(body.schema.properties).length) continue;
        if (body.example === undefined) { wrong.push(`${op.operationId} has no example`); continue; }
        check(absolute(body.schema), body.example, op.operationId);
        n += 1;
    }
    assert.deepEqual(wrong, []);
    assert.ok(n > 30, String(n));
    assert.throws(() => { check({ $ref: 'doc#/components/schemas/Problem' }, { status: 'x' }, 'proof'); assert.deepEqual(wrong, []); });
});

const run = promisify(execFile);
const lint = (tool, ...args) => run(process.execPath, [`${top}/node_modules/.bin/${tool}`, ...args], { cwd: stack.dir })
    .then(({ stdout }) => ({ code: 0, text: stdout }), (failed) => ({ code: failed.code, text: failed.stdout + failed.stderr }));

test('Redocly has nothing to say', async () => {
    const { code, text } = await lint('redocly', 'lint', '--config', `${top}/tests/openapi/redocly.yaml`, file);
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, /\d+ (errors?|warnings?)/, text);
});

test('Spectral has nothing to say', async () => {
    const { code, text } = await lint('spectral', 'lint', '--fail-severity', 'hint', '-r', `${top}/tests/openapi/spectral.yaml`, file);
    assert.equal(code, 0, text);
});

test('... and would say something: a reference that leads nowhere is refused by both', async () => {
    const broken = structuredClone(document);
    broken.paths['/api/tables'].get.responses[200] = { $ref: '#/components/responses/Nowhere' };
    const bad = path.join(stack.dir, 'broken.json');
    fs.writeFileSync(bad, JSON.stringify(broken));
    const answers = await Promise.all([lint('redocly', 'lint', '--config', `${top}/tests/openapi/redocly.yaml`, bad),
        lint('spectral', 'lint', '--fail-severity', 'hint', '-r', `${top}/tests/openapi/spectral.yaml`, bad)]);
    assert.deepEqual(answers.map(({ code }) => code), [1, 1]);
});
