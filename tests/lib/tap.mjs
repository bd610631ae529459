// tap.mjs - node's test events as flat TAP: one line a test, the same on every version of node.
// Used with --test-reporter by every suite that runs on node, so that ./check can count them.
export default async function* tap(source) {
    for await (const { type, data } of source) {
        // What a test has to say beside its result; node's own summary is of no file.
        if (type === 'test:diagnostic' && data.file) yield `# ${data.message}\n`;
        if (type !== 'test:pass' && type !== 'test:fail') continue;
        const good = type === 'test:pass';
        const isFile = data.nesting === 0 && /\.(test\.)?m?js$/.test(data.name);
        if (data.details?.type === 'suite' || (isFile && good)) continue;
        const failedInside = data.details?.error?.failureType === 'subtestsFailed';
        if (failedInside) continue;
        const skip = data.skip !== undefined ? ' # SKIP' : '';
        yield `${good ? 'ok' : 'not ok'} - ${data.name}${skip}\n`;
        if (!good) {
            const error = data.details?.error;
            const text = error?.cause?.stack ?? error?.stack ?? String(error);
            yield text.split('\n').slice(0, 25).map((line) => `#   ${line}\n`).join('');
        }
    }
}
