// prism.mjs - Prism (npm) as a validating proxy between the tests and the web server, with
// MAITRED_PRISM=1. It holds every request and answer against /api/openapi.json; what it says of each is
// a line of prism.jsonl, which prism-verdict.mjs reads at the end.
import fs from 'node:fs';
import path from 'node:path';
import { until } from './wait.mjs';

const top = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');

export async function prismStart(stack, port) {
    const file = path.join(stack.dir, 'openapi.json');
    const answer = await stack.request('GET', '/api/openapi.json');
    fs.writeFileSync(file, answer.text);
    stack.spawn('prism', process.execPath, [`${top}/node_modules/@stoplight/prism-cli/dist/index.js`, 'proxy', file,
        `http://127.0.0.1:${stack.port}`, '--errors', 'false', '-h', '127.0.0.1', '-p', String(port)]);
    await until(() => /Prism is listening/.test(stack.log('prism')), 'Prism listens', 60000, () => stack.died('prism'));
    stack.prismPort = port;
}

export function prismNote(stack, method, target, response) {
    if (!stack.prismPort) return;
    const found = JSON.parse(response.headers['sl-violations'] ?? '[]');
    fs.appendFileSync(path.join(process.env.MAITRED_TEST_DIR, 'prism.jsonl'),
        `${JSON.stringify({ method, target, status: response.statusCode, found })}\n`);
}
