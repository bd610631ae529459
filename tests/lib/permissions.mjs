// permissions.mjs - whom docs/permissions.md grants what: what a walk over all roles expects. (A unit test
// holds that page against the table in C.)
import fs from 'node:fs';

const page = fs.readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
const [head, , ...rows] = page.split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
const table = new Map(rows.map(([capability, ...cells]) =>
    [capability, Object.fromEntries(cells.map((cell, i) => [head[i + 1], cell]))]));

export const everyone = head.slice(1);

// 'x', 'masked', 'own' or ''.
export function grant(role, capability) {
    if (['public', 'anyone'].includes(capability)) return 'x';
    if (!table.has(capability)) throw new Error(`docs/permissions.md does not know ${capability}`);
    return table.get(capability)[role];
}
