// stack.mjs - one maitred for a test file: keys, sidecar, FastCGI programs and the web server that
// MAITRED_FRONT names, on the cluster that run.sh made. Everything it starts it stops; it touches
// nothing else.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { PsqlSync } from '../../lib/psql.mjs';
import { prismNote, prismStart } from './prism.mjs';
import { until } from './wait.mjs';

export const top = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
export const bin = process.env.MAITRED_BIN;
export const front = process.env.MAITRED_FRONT ?? 'lighttpd';
export const programs = ['stats', 'reservations', 'rooms', 'menu', 'tables', 'orders', 'accounts'];
// As plain CGI the web server starts a program for each request, and their log is in its own.
export const cgi = front === 'apache-cgi';
const webName = cgi ? 'apache' : front;

// All at once: one after the other the kernel may give the same twice.
async function freePorts(n) {
    const servers = Array.from({ length: n }, () => net.createServer().listen(0, '127.0.0.1'));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const ports = servers.map((server) => server.address().port);
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    return ports;
}

function socketAnswers(file) {
    return new Promise((done) => {
        const socket = net.connect(file);
        socket.once('connect', () => { socket.destroy(); done(true); });
        socket.once('error', () => done(false));
    });
}

// A test file that is ended early (a time limit) must leave nothing running.
const stacks = new Set();
process.once('exit', () => {
    for (const stack of stacks) for (const child of stack.children.values()) child.kill('SIGKILL');
});
process.once('SIGTERM', () => process.exit(1));

export class Stack {
    // Of several sidecars, `sidecar-b` and `sidecar-c` are started by who wants them. Each has a state
    // directory and a page of its own, as on different machines.
    constructor(name, settings = {}, { sidecars = 1 } = {}) {
        stacks.add(this);
        this.dir = path.join(process.env.MAITRED_TEST_DIR, `${name}-${process.pid}`);
        this.run = path.join(this.dir, 'run');
        this.children = new Map();
        this.settings = settings;
        this.sidecars = sidecars;
    }

    async start() {
        fs.mkdirSync(path.join(this.dir, 'keys'), { recursive: true });
        fs.mkdirSync(this.run);
        this.key = randomBytes(48);
        fs.writeFileSync(path.join(this.dir, 'keys', 'a.hs256'), this.key, { mode: 0o600 });
        // The second is for a test's own server.
        [this.port, this.sparePort, ...this.sidecarPorts] = await freePorts(2 + this.sidecars);
        this.realtimePort = this.sidecarPorts[0];
        this.configure();
        this.url = `http://127.0.0.1:${this.port}`;
        this.startSidecar();
        const started = cgi ? [] : programs;
        await Promise.all([...started.map((name) => this.startProgram(name)), this.startWeb()]);
        if (process.env.MAITRED_PRISM) await prismStart(this, (await freePorts(1))[0]);
        return this;
    }

    configure() {
        this.configs = this.sidecarPorts.map((port, i) => {
            const route = this.sidecars > 1 ? { sidecar_route: 'abc'[i] } : {};
            if (!i) return this.write('maitred.conf', route);
            const state = path.join(this.dir, `state-${'abc'[i]}`);
            fs.mkdirSync(state, { recursive: true });
            return this.write(`${'abc'[i]}.conf`, { ...route, rt_port: port, state_dir: state, positions_file: `${state}/positions` });
        });
        this.config = this.configs[0];
    }

    write(file, own) {
        const rows = {
            database: `host=${process.env.PGHOST} port=${process.env.PGPORT} dbname=${process.env.PGDATABASE}`,
            key_dir: `${this.dir}/keys`, issuer: 'maitred-test', audience: 'maitred-test',
            token_lifetime_s: 3600, positions_file: `${this.run}/positions`, state_dir: this.run,
            allowed_origins: 'https://shop.example, http://other.example:8080',
            trusted_proxies: '127.0.0.1', log_level: 'debug', threads: 4, rt_port: this.realtimePort,
            feed_poll_ms: 500,
            // Here one address and a few accounts are everybody; limits.test.mjs is about them.
            requests_per_second_account: 0, requests_per_second_address: 0, ...this.settings,
            ...own,
        };
        const config = path.join(this.dir, file);
        fs.writeFileSync(config, Object.entries(rows).map(([k, v]) => `${k} = ${v}\n`).join(''));
        return config;
    }

    spawn(name, file, args, env = {}) {
        const log = fs.openSync(path.join(this.dir, `${name}.log`), 'a');
        const child = spawn(file, args, {
            cwd: this.dir, stdio: ['ignore', log, log], env: { ...process.env, ...env },
        });
        fs.closeSync(log);
        child.on('error', () => {}); // no such program: died() says so
        this.children.set(name, child);
        return child;
    }

    log(name) {
        if (cgi && programs.includes(name)) return fs.readFileSync(`${this.run}/${webName}.error.log`, 'utf8');
        return fs.readFileSync(path.join(this.dir, `${name}.log`), 'utf8');
    }

    accessLog() {
        return fs.readFileSync(`${this.run}/${webName}.access.log`, 'utf8');
    }

    // A reason not to wait any longer.
    died(name) {
        const child = this.children.get(name);
        return (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) &&
            `${name} died: ${this.log(name).slice(-500)}`;
    }

    startSidecar(i = 0) {
        return this.spawn(this.sidecarName(i), `${bin}/maitred-realtime`, ['--config', this.configs[i]]);
    }

    // It follows the feed: what is written from now on it has heard.
    sidecarReady(i = 0) {
        return until(async () => (await fetch(`http://127.0.0.1:${this.sidecarPorts[i]}/readyz`).catch(() => ({}))).status === 200,
            'the sidecar is ready', 20000, () => this.died(this.sidecarName(i)));
    }

    sidecarName(i) {
        return i ? `sidecar-${'abc'[i]}` : 'sidecar';
    }

    async startProgram(name) {
        const socket = `${this.run}/${name}.sock`;
        this.spawn(name, `${bin}/maitred-${name}`, ['--config', this.config, '--socket', socket]);
        await until(() => socketAnswers(socket), `${name} listens`, 20000, () => this.died(name));
    }

    async startWeb() {
        this.spawn('web', `${top}/deploy/setup/web.sh`, [], {
            MAITRED_WEB: front, MAITRED_WWW: `${top}/www`, MAITRED_RUN: this.run,
            MAITRED_PORT: String(this.port), MAITRED_RT_PORT: String(this.realtimePort),
            MAITRED_CGI_BIN: bin, MAITRED_CONFIG: this.config,
            ...(this.sidecars > 1 ? { MAITRED_RT_MORE: this.sidecarPorts.slice(1).join(' ') } : {}),
        });
        await until(async () => (await this.request('GET', '/login/').catch(() => ({}))).status === 200,
            `${front} serves`, 20000, () => this.died('web'));
    }

    async stop(name, signal = 'SIGTERM') {
        const child = this.children.get(name);
        this.children.delete(name);
        if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode;
        const ended = once(child, 'exit');
        child.kill(signal);
        const [code] = await ended;
        return code;
    }

    async stopAll() {
        const codes = {};
        for (const name of [...this.children.keys()].reverse()) codes[name] = await this.stop(name);
        return codes;
    }

    // A request as it is written: the path is sent raw, nothing is normalised on the way. What is no JSON Prism
    // would refuse by itself.
    request(method, target, { headers = {}, body, agent, pastPrism = false } = {}) {
        return new Promise((done, failed) => {
            const request = http.request({
                host: '127.0.0.1', port: !pastPrism && this.prismPort || this.port, method, path: target, headers, agent: agent ?? false,
            }, async (response) => {
                prismNote(this, method, target, response);
                let text = '';
                response.setEncoding('utf8');
                for await (const chunk of response) text += chunk;
                let json;
                try { json = JSON.parse(text); } catch { json = undefined; }
                done({ status: response.statusCode, headers: response.headers, text, json,
                    reason: response.statusMessage });
            });
            request.on('upgrade', (response, socket) => {
                socket.destroy();
                done({ status: response.statusCode, headers: response.headers });
            });
            request.on('error', failed);
            request.end(body);
        });
    }
}

// --- the database, as its owner would see it in psql

const session = new PsqlSync();
export const sql = (text) => session.ask(text);
