// pages.mjs - when a page shows something, when it shows its data and is live, and what came over the wire for it. Every
// load has a browser context of its own, so nothing is cached; a figure is the median of the rounds.
import { Api, URL_OF_HOUSE } from '../www/lib/house.mjs';
import { PAGES } from '../www/pages/all.mjs';
import { Browser } from '../www/pages/browser.mjs';
import { slowLine } from './lib/line.mjs';
import { median } from './lib/tools.mjs';

const rounds = Number(process.env.ROUNDS ?? 3);
const wanted = process.env.PAGES?.split(' ');
const KIB = 1024;
const wifi = await slowLine(new URL(URL_OF_HOUSE).port, { roundTrip: 40, rate: 1250 }); // 10 Mbit/s
const LINES = { here: URL_OF_HOUSE, 'Wi-Fi': `http://127.0.0.1:${wifi.port}` };
const SCRIPT = /\.js$/;

const browser = await Browser.start();
const accounts = new Map();
async function cookiesOf(account) {
    if (account && !accounts.has(account)) accounts.set(account, (await Api.login(...account.split('/'))).cookies);
    return accounts.get(account);
}

// In the page, before anything of it: looks once a frame what is there, and notes when it first was.
function watch({ ready, live }) {
    const at = (globalThis.benchSeen = {});
    const data = () => document.querySelector(ready);
    const all = () => data() && ![...document.querySelectorAll('[data-state="loading"], main [aria-busy="true"]')].some((node) => node.checkVisibility());
    const look = () => {
        if (data()) at.data ??= performance.now();
        if (all() && (!live || document.querySelector('#connection[data-state="live"]'))) at.live ??= performance.now();
        if (!at.live) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}

// Of a page that never gets there: how far it came.
const standing = () => ({ state: document.readyState, connection: document.querySelector('#connection')?.dataset.state, seen: globalThis.benchSeen,
    waits: [...document.querySelectorAll('[data-state="loading"], main [aria-busy="true"]')].map(({ id, className }) => id || className), resources: performance.getEntriesByType('resource').length });

// What has come by now: requests, and bytes as they were sent, compressed.
async function wire(requests) {
    const sent = await Promise.all(requests.map(async (request) => (await request.response()) && { path: new URL(request.url()).pathname, ...await request.sizes() }));
    const bytes = (list) => list.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0) / KIB;
    const all = sent.filter(Boolean);
    return { requests: all.length, script: bytes(all.filter(({ path }) => SCRIPT.test(path))), all: bytes(all) };
}

async function load({ name, path, ready, live = false, account }, url) {
    const page = await browser.newPage({ url, cookies: await cookiesOf(account) });
    page.setDefaultTimeout(60000);
    const requests = [];
    page.on('requestfinished', (request) => requests.push(request));
    await page.addInitScript(watch, { ready, live });
    await page.goto(typeof path === 'function' ? await path() : path, { waitUntil: 'commit' });
    await page.waitForFunction(() => globalThis.benchSeen.live).catch(async (error) => { throw new Error(`${name}: ${JSON.stringify(await page.evaluate(standing))}`, { cause: error }); });
    const seen = await page.evaluate(() => ({ ...globalThis.benchSeen, paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN }));
    const figures = { ...seen, ...await wire(requests) };
    await browser.finish();
    return figures;
}

const chosen = PAGES.filter(({ name }) => !wanted || wanted.includes(name));
const measured = new Map(chosen.map(({ name }) => [name, { here: [], 'Wi-Fi': [] }]));
for (let round = 0; round < rounds; round++)
    for (const page of chosen)
        for (const [name, url] of Object.entries(LINES)) {
            const figures = await load(page, url);
            measured.get(page.name)[name].push(figures);
            console.log(JSON.stringify({ page: page.name, line: name, ...figures }));
        }
await browser.stop();
wifi.close();

const of = (list, key) => median(list.map((figures) => figures[key])).toFixed(0);
const times = (list) => ['paint', 'data', 'live'].map((key) => of(list, key)).join(' / ');
console.log('| page | at the machine: painted / data / live, ms | over 40 ms and 10 Mbit/s | scripts, KiB | all, KiB | requests |\n|---|---|---|---|---|---|');
for (const [name, { here, 'Wi-Fi': slow }] of measured)
    console.log(`| ${name} | ${times(here)} | ${times(slow)} | ${of(here, 'script')} | ${of(here, 'all')} | ${of(here, 'requests')} |`);
