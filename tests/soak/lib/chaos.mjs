// chaos.mjs - what happens to the house while the soak runs: sidecars are killed, PostgreSQL restarts, each
// comes back by its supervisor within a bounded time. Used by soak.mjs.
import { pidOf, sql, until } from '../../house/lib/house.mjs';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const BACK_S = 60;

// Short gaps and long ones: as many between 3 and 30 seconds as between 30 and 300.
const between = (from, to) => from * (to / from) ** Math.random();
const gone = (pid) => { try { process.kill(pid, 0); return false; } catch { return true; } };
const ready = async (port) => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;

export class Chaos {
    constructor(sidecars, seconds, say) {
        Object.assign(this, { sidecars, seconds, say, kills: 0, restarts: { fast: 0, immediate: 0 }, lost: [] });
        this.running = [...sidecars.map((sidecar) => this.killing(sidecar)), this.restarting()];
    }

    async hit(name, signal, back) {
        const pid = await until(name, () => pidOf(name));
        try { process.kill(pid, signal); } catch { return; } // it went by itself: its supervisor is at it
        await until(`${name} goes`, () => gone(pid), BACK_S).then(() => until(`${name} is back`, () => pidOf(name) !== pid && back(), BACK_S))
            .catch((error) => this.lost.push(error.message));
        this.say(`${name}: ${signal}`);
    }

    async killing({ name, port }) {
        while (await this.wait(between(Math.max(3, this.seconds / 240), Math.max(8, this.seconds / 8)), 'calm')) {
            await this.hit(name, 'SIGKILL', () => ready(port));
            this.kills++;
        }
    }

    async restarting() {
        for (const modes = ['fast', 'immediate']; await this.wait(between(this.seconds / 6, this.seconds / 3), 'over');) {
            await this.hit('postgres', modes[0] === 'fast' ? 'SIGINT' : 'SIGQUIT', () => sql('select 1'));
            this.restarts[modes[0]]++;
            modes.reverse();
        }
    }

    // False: no more of this.
    async wait(seconds, end) {
        for (const until = Date.now() + seconds * 1000; Date.now() < until && !this[end];) await sleep(100);
        return !this[end];
    }

    // From now on the sidecars live, so that there is a long life of each to look at.
    spare() { this.calm = true; }

    async stop() {
        this.calm = this.over = true;
        await Promise.all(this.running);
    }
}
