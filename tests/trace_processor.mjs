// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// trace_processor.mjs DIR: Perfetto's trace processor, as WebAssembly with its bundle for a worker of the UI, from DIR. What
// comes on stdin are requests to it, its answers go to stdout: bytes of TraceProcessorRpcStream (trace_processor.proto).
import {readFileSync, writeSync} from 'node:fs';
import {basename, join} from 'node:path';
import {runInThisContext} from 'node:vm';

const [directory] = process.argv.slice(2);
const fromDirectory = (url) => readFileSync(join(directory, basename(String(url))));

function writeAll(data) {
	for (let at = 0; at < data.length;) at += writeSync(1, data, at);
}

// What the bundle asks of a worker of a browser.
globalThis.self = globalThis;
globalThis.WorkerGlobalScope = globalThis;
globalThis.location = {href: 'http://localhost/engine_bundle.js'};
globalThis.XMLHttpRequest = class {
	open(method, url) { this.url = url; }
	send() { this.response = new Uint8Array(fromDirectory(this.url)).buffer; }
};
// It takes the module with memory of 64 bits where that is known, and that is not in DIR: it asks by an empty module.
const Module = WebAssembly.Module;
WebAssembly.Module = function (bytes) {
	if (bytes.byteLength < 32) throw new Error('32 bits only');
	return new Module(bytes);
};
// stdout is for answers.
console.log = console.warn = console.error;

const port = {postMessage: writeAll};
runInThisContext(fromDirectory('engine_bundle.node.js').toString(), 'engine_bundle.js');
self.onmessage({data: port});
// What is left of its start it does before anything else can happen.
await new Promise(setImmediate);
for await (const chunk of process.stdin) port.onmessage({data: new Uint8Array(chunk)});
