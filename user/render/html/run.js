'use strict';

// ---- the run, as it is embedded: arrays get the names of their fields here ----

const run = JSON.parse(document.getElementById('run').textContent);

// A letter and a shape beside the colour: none of them alone must carry the meaning.
const OUTCOMES = {
	accepted: {letter: 'A', label: 'accepted', shape: 'circle', seen: true,
		means: 'it accepted a connection'},
	handed_on: {letter: 'H', label: 'handed on', shape: 'hexagon', seen: true,
		means: 'it returned to user space, and another thread of its process accepted'},
	eagain: {letter: 'E', label: 'EAGAIN', shape: 'diamond', seen: true, wasted: true,
		means: 'it called accept and got EAGAIN: another one had been faster'},
	swallowed: {letter: 'S', label: 'swallowed', shape: 'triangle', wasted: true,
		means: 'the kernel woke it, found nothing left and put it back to sleep: user space never heard of it'},
	idle: {letter: 'I', label: 'idle', shape: 'square', seen: true, wasted: true,
		means: 'it returned to user space and did not call accept'},
	exited: {letter: 'X', label: 'exited', shape: 'octagon', wasted: true, means: 'it ended'},
	pending: {letter: 'P', label: 'pending', shape: 'house',
		means: 'the trace ended first: neither useful nor wasted'},
	lock: {letter: 'L', label: 'lock', shape: 'bar',
		means: "the listener's socket lock was handed over: shown, not counted as a wake"},
};

const CAUSES = {
	accept: 'it slept in a blocking accept()',
	epoll: 'ep_poll_callback() woke it: it slept in epoll_wait()',
	poll: 'pollwake() woke it: it slept in select() or poll()',
	io_uring: 'its io_uring waited for the listener',
	chain: 'another woken task put the level-triggered epoll item back, and so woke the next one',
	lock: "the listener's socket lock was handed over",
	signal: 'SIGIO, as the owner of the listener',
	other: 'by something else',
	unknown: 'by something else',
};

// Who or what a wake or a waiter is about.
function named(fields, values) {
	const object = {};
	fields.forEach((field, i) => { object[field] = values[i]; });
	return object;
}

const workers = new Map(run.workers.map((worker) => [worker.id, worker]));
const listeners = new Map(run.listeners.map((listener) => [listener.id, listener]));

function readWake(values, connection) {
	const wake = named(run.wake_fields, values);
	wake.cause = run.causes[wake.cause];
	wake.outcome = wake.cause === 'lock' ? 'lock' : run.outcomes[wake.outcome];
	wake.connection = connection;
	for (const moment of ['woken', 'ran', 'returned', 'accept', 'slept', 'ended'])
		if (wake[moment] !== null) wake[moment] += connection.arrived;
	// Where it is not known it was at the arrival.
	wake.woken ??= connection.arrived;
	wake.context = ['', 'task', 'softirq'][wake.waker_context] || '';
	return wake;
}

function readConnection(values, index) {
	const connection = named(run.connection_fields, values);
	connection.index = index;
	connection.end = run.ends[connection.end];
	connection.taken = connection.waited === null ? null : connection.arrived + connection.waited;
	connection.wakes = connection.wakes.map((wake) => readWake(wake, connection));
	connection.waiters = connection.waiters.map((waiter) => named(run.waiter_fields, waiter));
	connection.last = connection.wakes.reduce(
		(last, wake) => Math.max(last, wake.woken, wake.ran ?? 0, wake.ended ?? 0),
		Math.max(connection.arrived, connection.end === 'accepted' ? connection.taken ?? 0 : 0));
	return connection;
}

const connections = run.connections.map(readConnection);

// What the sum of wakes has of each outcome, in the order of the summary.
const totals = run.outcomes.map((key, i) => ({key, count: run.summary.outcome[i]}))
	.filter((of) => of.count > 0);

// ---- words ----

// "4.2 µs", as the table of herdtrace has it.
function duration(ns) {
	if (ns === null || ns === undefined) return '–';
	if (ns < 0) return '−' + duration(-ns);
	if (ns < 1000) return `${Math.round(ns)} ns`;
	for (const [unit, name] of [[1e3, 'µs'], [1e6, 'ms'], [1e9, 's']]) {
		const value = ns / unit;
		if (value < 9.95) return `${value.toFixed(1)} ${name}`;
		if (value < 999.5 || name === 's') return `${Math.round(value)} ${name}`;
	}
}

function plural(count, one, many = one + 's') {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

function workerName(id) {
	const worker = workers.get(id);
	return worker ? `worker ${id}` : 'a task';
}

function workerLong(id) {
	const worker = workers.get(id);
	if (!worker) return 'a task that is no worker';
	const who = worker.tid === worker.pid ? worker.pid : `${worker.pid}/${worker.tid}`;
	return `worker ${id} (${worker.comm}, ${who})`;
}

function isHidden(wake) {
	return view.hidden.has(wake.outcome);
}

// ---- elements: texts go in as texts, nothing is ever parsed ----

function put(to, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {}))
		if (value !== null && value !== undefined && value !== false)
			to.setAttribute(name, value === true ? '' : String(value));
	to.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
	return to;
}

function element(tag, attributes, ...children) {
	return put(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes, ...children) {
	return put(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function byId(id) {
	return document.getElementById(id);
}
