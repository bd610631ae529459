// memory.mjs - the resident memory of processes over their lives. Used by soak.mjs.
import { readFileSync } from 'node:fs';
import { pidOf } from '../../house/lib/house.mjs';

const median = (list) => list.slice().sort((a, b) => a - b)[Math.floor(list.length / 2)];

export class Memory {
    constructor(names, everyMs) {
        this.names = names;
        this.lives = new Map(); // by process
        this.timer = setInterval(() => this.sample(), everyMs);
    }

    sample() {
        for (const name of this.names) try {
            const pid = pidOf(name), kB = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
            if (!this.lives.has(pid)) this.lives.set(pid, { name, samples: [] });
            this.lives.get(pid).samples.push({ at: Date.now(), kB });
        } catch { /* just now there is none */ }
    }

    // Of every life that was long enough: what it took in its first third, but for the first tenth, when its
    // clients come and its ring fills, and what in its last.
    judge(leastMs) {
        return [...this.lives.values()].flatMap(({ name, samples }) => {
            const from = samples[0].at, span = samples.at(-1).at - from;
            const part = (a, b) => median(samples.filter(({ at }) => at >= from + a * span && at <= from + b * span).map(({ kB }) => kB));
            return span < leastMs ? [] : [{ name, seconds: Math.round(span / 1000), first: part(0.1, 1 / 3), last: part(2 / 3, 1), most: Math.max(...samples.map(({ kB }) => kB)) }];
        });
    }

    stop() { clearInterval(this.timer); }
}
