// wait.mjs - waiting for a condition, never for a time.
export async function until(condition, what, ms = 20000) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
        await new Promise((done) => setTimeout(done, 5));
    }
}
