// ---- the selected connection: who slept, who was woken, what each did ----

// Those in one entry of the wait queue together: who waits in one epoll instance has one there.
function entriesOf(one) {
	const entries = [];
	for (const waiter of one.waiters) {
		const last = entries[entries.length - 1];
		if (last && waiter.entry && last[0].entry === waiter.entry && last[0].elsewhere === waiter.elsewhere) last.push(waiter);
		else entries.push([waiter]);
	}
	return entries;
}

function queueEntry(waiters) {
	const [first] = waiters;
	const words = [waiters.map((waiter) => workerName(waiter.worker)).join(' and ')];
	if (waiters.length > 1) words.push('in one epoll instance');
	if (first.exclusive) words.push('exclusive');
	if (first.elsewhere) words.push('on another listener of the group');
	if (first.reached === 1 && !first.elsewhere) words.push('not reached');
	return element('li', {class: first.reached === 1 && 'passed', 'data-waiters': waiters.map((waiter) => waiter.worker).join(' ')}, words.join(', '));
}

function queueList(one) {
	if (!one.waiters.length) return null;
	const left = one.waiter_cnt - one.waiters.length;
	return element('div', {}, element('h3', {}, 'Asleep at its arrival, in the order of the wait queue'),
		element('ol', {class: 'queue', 'aria-label': 'Wait queue'}, ...entriesOf(one).map(queueEntry)),
		left > 0 && element('p', {}, `${left} more left out of this page (--rows all has them).`));
}

function after(one, ns) {
	return ns === null || ns === undefined ? '–' : `+${duration(ns - one.arrived)}`;
}

const STEP_FIELDS = [
	['worker', (wake) => workerLong(wake.worker)],
	['came of it', (wake) => element('span', {}, inlineMark(wake.outcome), ` ${OUTCOMES[wake.outcome].label}`)],
	['woken', (wake) => after(wake.connection, wake.woken)],
	['ran', (wake) => after(wake.connection, wake.ran)],
	['in user space', (wake) => wake.outcome === 'swallowed' ? 'never' : after(wake.connection, wake.returned)],
	['decided', (wake) => after(wake.connection, decidedAt(wake))],
	['CPU time', (wake) => duration(wake.cpu)],
	['why it woke', whyItWoke],
];

function whyItWoke(wake) {
	const waker = workerOfTid.get(wake.waker);
	const cpu = wake.waker_cpu === null ? '' : ` on CPU ${wake.waker_cpu}`;
	const by = wake.context === 'softirq' ? `, from a softirq${cpu}` : waker !== undefined ? `, by ${workerName(waker)}${cpu}` : '';
	return CAUSES[wake.cause] + by;
}

function stepRow(wake) {
	const tr = element('tr', {'data-step': wake.worker, 'aria-selected': wake === view.wake ? 'true' : 'false'});
	for (const [, cell] of STEP_FIELDS) tr.append(element('td', {}, cell(wake)));
	tr.addEventListener('click', () => select(wake.connection, wake));
	return tr;
}

function steps(one) {
	if (!one.wakes.length) return element('p', {}, 'No task was woken for it: who accepted it was up already.');
	const table = element('table', {},
		element('thead', {}, element('tr', {}, ...STEP_FIELDS.map(([title]) => element('th', {scope: 'col'}, title)))),
		element('tbody', {}, ...one.wakes.map(stepRow)));
	const left = one.wake_cnt - one.wakes.length;
	return element('div', {class: 'scrolls'}, table,
		left > 0 && element('p', {}, `${plural(left, 'more wake')} left out of this page (--rows all has them).`));
}

function chosen(one) {
	if (!one.selection) return null;
	const [hash, socks, index, program] = one.selection;
	const by = program ? 'a BPF program of the group chose' : `hash ${hash} × ${socks} ÷ 2³² chose`;
	return element('p', {}, `SO_REUSEPORT: ${by} socket ${index === null ? 'unknown' : index + 1} of ${socks}.`);
}

function drawDetails() {
	const one = view.selected;
	byId('said').textContent = !one ? '' : view.wake ?
		`Connection ${one.id}, ${workerLong(view.wake.worker)}: ${OUTCOMES[view.wake.outcome].label}: ${OUTCOMES[view.wake.outcome].means}.` : story(one);
	byId('keys-hint').hidden = Boolean(one);
	if (!one) return byId('details').replaceChildren();
	const listener = listeners.get(one.listener);
	const where = listener ? ` to ${listener.address}` : '';
	byId('details').replaceChildren(...[
		element('h3', {}, `Connection ${one.id} from ${one.peer}${where}, ${one.arrived ? `${duration(one.arrived)} after the first` : 'the first one'}` +
			(one.syn_before === null ? '' : `, its SYN ${duration(one.syn_before)} before`)),
		queueList(one), chosen(one), steps(one)].filter(Boolean));
}

// ---- the first screen: what is true, and what the server could know of it ----

function headline() {
	const {value} = run.verdicts.herd, sum = run.summary;
	const wasted = sum.wasted.toLocaleString('en'), wakes = sum.wakes.toLocaleString('en');
	if (value === 'proved') return `Yes: ${wasted} of ${wakes} wakes were for nothing`;
	if (value === 'refuted') return 'No: no connection woke more tasks than could be of use';
	return 'This run cannot tell';
}

function drawAnswer() {
	const sum = run.summary;
	byId('answer').textContent = headline();
	document.title = `${headline()} – herdtrace`;
	byId('lead').textContent = [run.command.join(' '), plural(sum.connections, 'connection'), plural(run.workers.length, 'worker'), plural(sum.wakes, 'wake'),
		run.kernel && `Linux ${run.kernel}`].filter(Boolean).join(' · ');
	for (const [key, title] of Object.entries(VERDICTS))
		byId('badges').append(element('span', {class: run.verdicts[key].value}, element('a', {href: '#verdicts'}, `${title}: `,
			element('span', {class: 'badge'}, SIGNS[run.verdicts[key].value]))));
	for (const [text, what] of [[run.incomplete, 'INCOMPLETE: '], [run.shortfall, '']])
		if (text) byId('alarms').append(element('p', {class: 'alarm', role: 'alert'}, what + text));
	if (run.summary.connections > connections.length && connections.length)
		byId('alarms').append(element('p', {class: 'alarm'}, `${plural(connections.length, 'connection')} of ` +
			`${run.summary.connections.toLocaleString('en')} are drawn and listed here; sums and verdicts are of all.`));
}

// A part of a bar, with its mark and its count where there is room.
function barPart(svg, prefix, part, x, size) {
	svg.append(area(prefix, part.key, x, 20, Math.max(size - 1, 1), 26));
	const text = `${part.count.toLocaleString('en')} ${OUTCOMES[part.key].label}`;
	const length = text.length * 7.2;
	const labelled = size > 36 + length;
	if (size <= 26) return;
	svg.append(drawn('rect', {class: 'label-back', x: x + 4, y: 23, width: labelled ? length + 30 : 20, height: 20, rx: 3}),
		mark(part.key, x + 14, 33, 8));
	if (labelled) svg.append(drawn('text', {x: x + 28, y: 37}, text));
}

function bar(prefix, label, parts, whole, width, ghost) {
	const svg = drawn('svg', {width, height: 52, viewBox: `0 0 ${width} 52`, role: 'img', 'data-bar': prefix,
		'aria-label': `${label}: ${parts.map((part) => `${part.count} ${OUTCOMES[part.key].label}`).join(', ') || 'none'}`});
	svg.append(weaves(prefix), drawn('text', {x: 0, y: 14}, label));
	let x = 0;
	for (const part of parts) {
		const size = width * part.count / whole;
		barPart(svg, prefix, part, x, size);
		x += size;
	}
	if (ghost && width - x > 2) {
		svg.append(drawn('rect', {class: 'ghost', x: x + 0.5, y: 20.5, width: width - x - 1.5, height: 25}));
		if (width - x > ghost.length * 7.5) svg.append(drawn('text', {class: 'soft', x: x + 10, y: 37}, ghost));
	}
	return svg;
}

function sumOf(parts) {
	return parts.reduce((sum, part) => sum + part.count, 0);
}

function sightText(wakes, returned, hidden) {
	if (!wakes) return 'No task had to be woken.';
	if (!hidden) return 'Every task that was woken came back to user space: here a count in the server agrees with the kernel’s own.';
	return `${plural(hidden, 'wake')} ended inside the kernel: the task found nothing left and slept again, within the same call. No log of the ` +
		`server, no EAGAIN and no strace of calls that return can show ${hidden === 1 ? 'it' : 'them'}: who counts there finds ${returned.toLocaleString('en')} ` +
		`where the kernel woke ${wakes.toLocaleString('en')}. That is why posts about the thundering herd contradict each other.`;
}

function drawSight() {
	const wakes = run.summary.wakes, whole = Math.max(wakes, 1);
	const width = Math.max(frame.printing ? 700 : byId('bars').clientWidth, 260);
	const seen = totals.filter((part) => OUTCOMES[part.key].seen);
	const hidden = sumOf(totals.filter((part) => part.key === 'swallowed'));
	byId('bars').replaceChildren(
		bar('kernel', `The kernel woke tasks: ${wakes.toLocaleString('en')}`, totals, whole, width),
		bar('server', `The server could count: ${sumOf(seen).toLocaleString('en')}`, seen, whole, width,
			hidden && `${hidden.toLocaleString('en')} it never heard of`));
	const single = run.verdicts.herd.value === 'refuted' && run.summary.wasted ?
		` The ${plural(run.summary.wasted, 'wake')} for nothing are no herd: the verdict below says why.` : '';
	byId('sight-text').textContent = sightText(wakes, sumOf(seen), hidden) + single;
}

// ---- what is beside the picture ----

const VERDICTS = {herd: 'Thundering herd', skew: 'Skew', stranding: 'Stranding'};
const SIGNS = {proved: '▲ PROVED', refuted: '✓ REFUTED', inconclusive: '? INCONCLUSIVE'};
const ASKS = {
	herd: 'Does a connection wake more tasks than can use it?',
	skew: 'Does one worker get more than its share?',
	stranding: 'Does a connection wait while somebody who could take it sleeps?',
};

function drawVerdicts() {
	for (const [key, title] of Object.entries(VERDICTS)) {
		const verdict = run.verdicts[key];
		byId('cards').append(element('div', {class: `card ${verdict.value}`, 'data-verdict': key},
			element('h3', {}, `${title}: `, element('span', {class: 'badge'}, SIGNS[verdict.value] || verdict.value)),
			element('p', {class: 'hint'}, ASKS[key]), element('p', {}, verdict.reason)));
	}
	if (run.advice) byId('advice').append(element('h3', {}, 'What would help, and its price'),
		...run.advice.split('\n').map((line) => element('p', {}, line)));
	for (const note of run.notes) byId('verdicts').append(element('p', {class: 'note'}, `Note: ${note}`));
}

function drawWorkers() {
	const table = element('table', {}, element('thead', {}, element('tr', {},
		...['worker', 'task', 'command', 'wakes', 'accepted', 'of all', 'came of its wakes', 'wasted CPU'].map((title) => element('th', {scope: 'col'}, title)))));
	const body = element('tbody', {});
	for (const worker of run.workers) {
		const outcomes = element('span', {});
		run.outcomes.forEach((key, i) => worker.outcome[i] && outcomes.append(inlineMark(key), ` ${worker.outcome[i]} ${OUTCOMES[key].label}  `));
		const percent = run.summary.accepted ? `${Math.round(100 * worker.accepted / run.summary.accepted)} %` : '–';
		body.append(element('tr', {'data-worker': worker.id}, ...[worker.id,
			worker.tid === worker.pid ? worker.pid : `${worker.pid}/${worker.tid}`, worker.comm, worker.wakes, worker.accepted, percent,
			worker.waited ? outcomes : 'never waited', duration(worker.wasted_cpu_ns)].map((cell) => element('td', {}, cell))));
	}
	table.append(body);
	byId('worker-rows').append(element('div', {class: 'scrolls'}, table));
	if (run.other_workers) byId('worker-rows').append(element('p', {}, `${plural(run.other_workers, 'more worker')} that ended.`));
}

function drawWords() {
	const list = element('dl', {});
	for (const [key, outcome] of Object.entries(OUTCOMES))
		list.append(element('dt', {}, inlineMark(key), ` ${outcome.label}`),
			element('dd', {}, `${outcome.means}${outcome.wasted ? ' (woken for nothing)' : ''}.`));
	byId('glossary').append(list);
	const facts = [['Command', run.command.join(' ')], ['Kernel', `${run.kernel} ${run.arch}`.trim()], ['Host', run.host],
		['Begin', run.begin_ms && new Date(run.begin_ms).toISOString()], ['End', run.end_ms && new Date(run.end_ms).toISOString()],
		['Listeners', run.listeners.map((one) => `${one.address} (${one.accepted} of ${one.connections} accepted)`).join(', ')],
		['Server', run.server_exit], ['Attached by', run.mode], ['herdtrace', run.version]];
	for (const [name, value] of facts)
		if (value) byId('facts').append(element('dt', {}, name), element('dd', {}, value));
}
