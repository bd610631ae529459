// psql.mjs - one lasting psql for a whole test file, fed and read without letting go of the thread: to start
// one for each statement costs twenty times what most of them ask. What a text sets, locks or leaves open
// ends with it, as if it had had a psql of its own.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const END = 'end of the answer';
const BROKEN = /server closed the connection|terminating connection|connection to server was lost/;
const PIPE_BYTES = 48 << 10; // what a pipe takes at once; more waits for a reader, who may be waiting for us

export class PsqlSync {
    #options;
    #session = null;

    constructor(...options) {
        this.#options = ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', ...options];
    }

    // The text as one transaction. What it prints, without the end of the last line; throws what the server says.
    ask(text) {
        return this.script(`begin;\n${text}\n;\ncommit;`);
    }

    // The text as it stands, each statement by itself. A connection that was found broken (the test had stopped
    // the server) is opened anew.
    script(text) {
        if (text.length > PIPE_BYTES) return this.#once(text);
        const used = this.#session !== null;
        try {
            return this.#ask(text);
        } catch (error) {
            if (!used || !BROKEN.test(error.message)) throw error;
            return this.#ask(text);
        }
    }

    #once(text) {
        return execFileSync('psql', this.#options,
            { encoding: 'utf8', maxBuffer: 1 << 28, input: text, stdio: ['pipe', 'pipe', 'pipe'] }).trimEnd();
    }

    #ask(text) {
        this.#session ??= this.#start();
        try {
            fs.writeSync(this.#session.input, `${text}\n;\nrollback;\ndiscard all;\n\\echo '${END}'\n`);
        } catch (error) {
            if (error.code !== 'EPIPE') throw error; // it has ended, and says why
        }
        return this.#read();
    }

    #read() {
        const chunks = [], bytes = Buffer.allocUnsafe(1 << 16);
        for (;;) {
            const n = fs.readSync(this.#session.output, bytes);
            if (n === 0) throw this.#ended();
            chunks.push(Buffer.from(bytes.subarray(0, n)));
            const all = bytes[n - 1] === 10 ? Buffer.concat(chunks).toString() : '';
            if (all.endsWith(`${END}\n`)) return all.slice(0, -END.length - 1).trimEnd();
        }
    }

    #ended() {
        const { input, output, errors } = this.#session;
        const said = fs.readFileSync(errors, 'utf8').replaceAll(/^WARNING: {2}there is no transaction.*\n/gm, '');
        for (const fd of [input, output, errors]) fs.closeSync(fd);
        this.#session = null;
        return new Error(said || 'psql has ended');
    }

    // Named pipes, because a child's streams can't be waited for. Each is opened both ways first, which waits
    // for nobody; the names are not needed any longer than that.
    #start() {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'psql-'));
        const [inPipe, outPipe, errorFile] = ['in', 'out', 'errors'].map((name) => path.join(folder, name));
        execFileSync('mkfifo', [inPipe, outPipe]);
        const stdio = [fs.openSync(inPipe, 'r+'), fs.openSync(outPipe, 'r+'), fs.openSync(errorFile, 'a')];
        const session = { input: fs.openSync(inPipe, 'w'), output: fs.openSync(outPipe, 'r'), errors: fs.openSync(errorFile, 'r') };
        spawn('psql', this.#options, { stdio }).unref();
        for (const fd of stdio) fs.closeSync(fd);
        fs.rmSync(folder, { recursive: true });
        return session;
    }
}
