// refusal.mjs - what the tests of tables and rooms share: a refusal in full, and an account at rest.
import assert from 'node:assert/strict';
import { sql } from './stack.mjs';

export const fieldsOf = (answer) => answer.json.errors.map((e) => e.field).sort();

// A problem with this status and code, about these fields (in the order of their names) and no other.
export function refused(answer, http, code, ...fields) {
    assert.equal(answer.status, http, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.code, code);
    if (fields.length) assert.deepEqual(fieldsOf(answer), fields, answer.text);
    return answer;
}

// What an earlier second's updates leave of the rate is no matter of the test.
export const rested = (venue) => sql(`delete from maitred.rate_window where venue = ${venue.id}`);
