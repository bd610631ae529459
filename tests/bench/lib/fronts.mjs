// fronts.mjs - lighttpd and nginx for the polling benchmark: the sample configurations of deploy/ as
// they are, with three paths more: /hello (the floor), /plain (a program that keeps no answers) and,
// on nginx, /static (a file). All parts end with the process that started them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { until } from '../../house/lib/house.mjs';

const env = process.env, children = [];
export const top = realpathSync(new URL('../../..', import.meta.url).pathname);
const dir = `${env.MAITRED_DIR}/bench`;
mkdirSync(dir, { recursive: true });
process.on('exit', () => { for (const child of children) child.kill('SIGTERM'); });

export function run(name, command, args, extra = {}) {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...env, ...extra } });
    child.on('error', () => {}); // there is no such program: the first request says so
    children.push(child);
    return child;
}

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
}

// nginx drops root's rights in its workers; the sockets are root's here (deploy/setup/web.sh).
const asWeb = process.getuid() === 0 ? ['setpriv', '--reuid=www-data', '--regid=www-data', '--clear-groups',
    '--inh-caps=+dac_override', '--ambient-caps=+dac_override'] : [];

async function lighttpd(sockets) {
    const port = await freePort();
    const row = (path, socket) => `    "${path}" => (( "socket" => "${socket}", "check-local" => "disable" ))`;
    const sample = readFileSync(`${top}/deploy/lighttpd/lighttpd.conf`, 'utf8')
        .replace('include "maitred.conf"', `include "${top}/deploy/lighttpd/maitred.conf"`);
    writeFileSync(`${dir}/lighttpd.conf`, `${sample}fastcgi.server += (\n` +
        `${row('/hello', sockets.hello)},\n${row('/plain', sockets.plain)}\n)\n`);
    const { pid } = run('lighttpd', 'lighttpd', ['-D', '-f', `${dir}/lighttpd.conf`], {
        MAITRED_WWW: `${top}/www`, MAITRED_ERRORS: `${top}/deploy/errors`, MAITRED_RUN: sockets.run, MAITRED_PORT: String(port), MAITRED_RT_PORT: env.MAITRED_RT_PORT });
    return { name: 'lighttpd', port, pid };
}

async function nginx(sockets) {
    const port = await freePort();
    const values = { RUN: sockets.run, DEPLOY: `${top}/deploy`, WWW: `${top}/www`, PORT: port, RT_PORT: env.MAITRED_RT_PORT };
    // Beside the programs' own locations, with what those inherit.
    const extra = ['hello', 'plain'].map((name) => `location ^~ /${name}/ { fastcgi_pass unix:${sockets[name]}; }\n`).join('') +
        `location ^~ /static/ {\n    root ${dir};\n    default_type application/json;\n}\n`;
    writeFileSync(`${dir}/extra.conf`, extra);
    const conf = readFileSync(`${top}/deploy/nginx/nginx.conf.in`, 'utf8')
        .replace(/^( *)include @DEPLOY@\/nginx\/maitred\.conf;/m, (line, at) => `${line}\n${at}include ${dir}/extra.conf;`)
        .replace(/@([A-Z_]+)@/g, (_, name) => values[name]);
    writeFileSync(`${dir}/nginx.conf`, conf);
    const [command, ...args] = [...asWeb, 'nginx', '-c', `${dir}/nginx.conf`];
    const { pid } = run('nginx', command, args);
    return { name: 'nginx', port, pid };
}

// Both servers, answering on each path.
export async function fronts(sockets, bytes) {
    mkdirSync(`${dir}/static`, { recursive: true });
    writeFileSync(`${dir}/static/body.json`, 'x'.repeat(bytes));
    const both = [await lighttpd(sockets), await nginx(sockets)];
    for (const { name, port } of both)
        await until(`${name} serves`, async () => (await fetch(`http://127.0.0.1:${port}/hello/`)).status === 200);
    return both;
}
