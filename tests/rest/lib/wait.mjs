// wait.mjs - waiting for a condition, never for a time; `hopeless` may say why there is no point.
export async function until(condition, what, ms = 20000, hopeless = () => false) {
    const end = Date.now() + ms;
    for (let pause = 5;; pause = Math.min(1.5 * pause, 50)) { // what is asked may cost a process
        const value = await condition();
        if (value) return value;
        const reason = hopeless();
        if (reason) throw new Error(reason);
        if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
        await new Promise((done) => setTimeout(done, pause));
    }
}
