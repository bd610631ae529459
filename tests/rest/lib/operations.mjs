// operations.mjs - every operation of the REST programs as /api/openapi.json gives it: what a
// walk over all of them asks for.
import { as } from './venue.mjs';

const methods = ['get', 'post', 'put', 'patch', 'delete'];

// [{id, method, path, capability, parameters, body, example, status}]
export async function operations(stack) {
    const answer = await as(stack).get('/api/openapi.json');
    const deref = (part) => part.$ref
        ? part.$ref.slice(2).split('/').reduce((at, key) => at[key], answer.json) : part;
    return Object.entries(answer.json.paths).flatMap(([at, item]) => methods.filter((m) => item[m]).map((m) => {
        const content = item[m].requestBody?.content['application/json'];
        return {
            id: item[m].operationId, method: m.toUpperCase(), path: at, write: m !== 'get',
            capability: item[m]['x-capability'],
            parameters: [...(item.parameters ?? []), ...(item[m].parameters ?? [])].map(deref),
            body: content?.schema, example: content?.example,
            status: Number(Object.keys(item[m].responses).find((status) => status.startsWith('2'))),
        };
    }));
}

// What a parameter in the query must be given, so that the call is a good one.
export function query(op) {
    const days = { startDate: '2026-12-01', endDate: '2026-12-03' };
    const given = op.parameters.filter((p) => p.in === 'query' && p.required)
        .map((p) => `${p.name}=${encodeURIComponent(days[p.name] ?? p.schema.examples?.[0] ?? p.schema.enum?.[0])}`);
    return given.length ? `?${given.join('&')}` : '';
}
