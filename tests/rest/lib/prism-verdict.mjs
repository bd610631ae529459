// prism-verdict.mjs FILE - what Prism found in a run of the tests, as TAP. An answer that the document
// does not describe is a difference, and so is a request that it forbids and the server took. That the
// tests send bad requests and get 4xx is what they are for.
import fs from 'node:fs';

const answers = fs.readFileSync(process.argv[2], 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const differs = ({ status, found }) => found.filter(({ location: [side] }) => side === 'response' || status < 400);

// One line for each kind of difference, with an example.
const kinds = new Map();
for (const answer of answers) {
    for (const { location, message } of differs(answer)) {
        const path = answer.target.split('?')[0].replace(/(bkg|res|ord)?\d+/g, '{n}');
        const kind = `${answer.method} ${path} ${answer.status}: ${location.join('.')}: ${message}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
}
const verdict = (ok, what) => console.log(`${ok ? 'ok' : 'not ok'} - ${what}`);
verdict(kinds.size === 0, `Prism finds no difference in ${answers.length} answers`);
for (const [kind, n] of kinds) console.log(`#   ${n} x ${kind}`);
const bad = answers.filter(({ status, found }) => status >= 400 && found.some(({ location: [side] }) => side === 'request'));
verdict(bad.length > 0, `... and it looks: it saw ${bad.length} of the tests' bad requests itself`);
process.exit(kinds.size ? 1 : 0);
