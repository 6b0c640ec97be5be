// ---- the timeline: a lane for each worker, and above them the connections ----

const LANES_MOST = 64; // those with the most wakes
const ARRIVAL_Y = 22, TOP = 40, FOOT = 34;
const DETAIL = 80;     // so many pixels for a connection, and what its wakes did is drawn, too
const CROWDED = 9;     // less than that, and connections are added up
const DRAWN_MOST = 8000; // more than that, too: nobody tells them apart, and a browser gets slow

const lanes = [...workers.values()]
	.sort((a, b) => b.wakes + b.accepted - a.wakes - a.accepted || a.id - b.id)
	.slice(0, LANES_MOST).sort((a, b) => a.id - b.id);
// The others have one lane together, below.
const others = workers.size - lanes.length;
const laneOf = new Map([...workers.keys()].map((id) => [id, lanes.length]));
lanes.forEach((worker, i) => laneOf.set(worker.id, i));
const workerOfTid = new Map(run.workers.map((worker) => [worker.tid, worker.id]));

const chart = byId('chart');
let frame = null; // of the last drawing: where things are

function newFrame() {
	const width = Math.max(frame && frame.printing ? 700 : chart.clientWidth, 280);
	const left = width < 560 ? 84 : 176;
	const pitch = lanes.length > 24 ? 20 : lanes.length > 10 ? 26 : 38;
	const plot = width - left - 10;
	return {width, left, pitch, plot, height: TOP + (lanes.length + (others > 0)) * pitch + FOOT,
		printing: frame && frame.printing, unit: plot / (view.to - view.from)};
}

function xOf(value) {
	return frame.left + (value - view.from) * frame.unit;
}

function yOf(worker) {
	return TOP + (laneOf.get(worker) + 0.5) * frame.pitch;
}

// Pixels that a connection has.
function roomOf(connection) {
	const [from, to] = placeOf(connection);
	return (to - from) * frame.unit;
}

// Where a moment of a connection is. Without room for more a column has all of it in its middle.
function xAt(connection, ns, detailed) {
	if (view.axis === 'time') return xOf(ns);
	const column = connection.column;
	if (!detailed) return xOf(column + 0.5);
	const margin = Math.min(12, frame.unit * 0.1);
	return xOf(column) + margin + share(ns - connection.arrived) * (frame.unit - 2.4 * margin);
}

function visible() {
	if (view.axis === 'connection')
		return view.shown.slice(Math.max(Math.floor(view.from), 0), Math.ceil(view.to));
	return view.shown.filter((one) => one.last >= view.from && one.arrived <= view.to);
}

function isCrowded(inView) {
	const marks = inView.reduce((sum, one) => sum + one.wakes.length, 0);
	if (view.axis === 'time') return marks > 1500;
	return frame.unit < CROWDED || inView.reduce((sum, one) => sum + one.waiters.length, marks) > DRAWN_MOST;
}

// ---- what is there in any case ----

function drawLane(svg, i, label) {
	const y = TOP + i * frame.pitch, middle = y + frame.pitch / 2;
	if (i % 2 === 0) svg.append(drawn('rect', {class: 'stripe', x: 0, y, width: frame.width, height: frame.pitch}));
	svg.append(drawn('line', {class: 'lane', x1: frame.left, x2: frame.width - 10, y1: middle, y2: middle}));
	svg.append(label(middle));
}

function drawLanes(svg) {
	lanes.forEach((worker, i) => drawLane(svg, i, (y) => laneLabel(worker, y)));
	if (others > 0) drawLane(svg, lanes.length, (y) => drawn('g', {'data-others': others},
		drawn('title', {}, `${plural(others, 'worker')} with fewer wakes, in one lane`),
		drawn('text', {class: 'soft', x: 6, y: y + 4}, `${others} others`)));
	svg.append(drawn('text', {class: 'soft', x: 6, y: ARRIVAL_Y + 4}, frame.left < 100 ? 'arrivals' : 'connections arrive'));
}

function laneLabel(worker, y) {
	const narrow = frame.left < 100, low = frame.pitch < 34;
	const name = narrow ? `worker ${worker.id}` : `worker ${worker.id}  ${worker.comm.slice(0, 16)}`;
	const counts = `${worker.wakes} woken, ${worker.accepted} accepted`;
	return drawn('g', {'data-worker': worker.id},
		drawn('title', {}, `${workerLong(worker.id)}: ${counts}`),
		drawn('text', {x: 6, y: low ? y + 4 : y - 3}, name),
		!low && !narrow && drawn('text', {class: 'soft', x: 6, y: y + 12}, counts));
}

function drawBand(svg) {
	if (!view.selected) return;
	let [from, to] = placeOf(view.selected).map(xOf);
	if (from < 0 && view.axis === 'connection') return;
	if (to - from < 5) [from, to] = [(from + to) / 2 - 2.5, (from + to) / 2 + 2.5];
	from = Math.max(from, frame.left);
	to = Math.min(to, frame.width - 8);
	if (to > from) svg.append(drawn('rect', {class: 'band', 'data-band': view.selected.id, x: from, y: 2, width: to - from, height: frame.height - 4, rx: 4}));
}

function drawTicks(svg) {
	const y = frame.height - FOOT;
	const label = (x, text) => x >= frame.left - 1 && x <= frame.width - 8 &&
		svg.append(drawn('text', {class: 'soft', x, y: y + 15, 'text-anchor': 'middle'}, text));
	const count = frame.plot / (view.axis === 'time' ? 90 : 34);
	const each = Math.max(tickStep(view.to - view.from, count), 1);

	for (let at = Math.ceil(view.from / each) * each; at < view.to; at += each) {
		if (view.axis === 'time') {
			label(xOf(at), duration(at));
			svg.append(drawn('line', {class: 'cut', x1: xOf(at), x2: xOf(at), y1: TOP - 6, y2: y}));
		} else if (view.shown[at]) {
			label(xOf(at + 0.5), view.shown[at].id);
		}
	}
	svg.append(drawn('text', {class: 'soft', x: 6, y: y + 15}, view.axis === 'time' ? 'time' : 'connection'));
}

// ---- connections one by one ----

function arrow(svg, one, x1, y1, x2, y2) {
	const up = y2 < y1, tip = y2 + (up ? 5 : -5);
	const chosen = one === view.selected ? ' of-selected' : '';
	const path = Math.abs(x2 - x1) < 1 ? `M${x1.toFixed(1)} ${y1}V${tip}` :
		`M${x1.toFixed(1)} ${y1}C${x1.toFixed(1)} ${(y1 + 2 * tip) / 3} ${x2.toFixed(1)} ${(2 * y1 + tip) / 3} ${x2.toFixed(1)} ${tip}`;
	svg.append(drawn('path', {class: `arrow${chosen}`, d: path}),
		drawn('path', {class: 'head', d: `M${(x2 - 3).toFixed(1)} ${tip}h6L${x2.toFixed(1)} ${y2}Z`}));
}

// Where the arrow to a wake begins: at the arrival, or at the task that passed it on.
function source(wake, detailed) {
	const one = wake.connection;
	const waker = wake.cause === 'chain' || wake.cause === 'lock' ? workerOfTid.get(wake.waker) : undefined;
	if (waker !== undefined && laneOf.has(waker) && waker !== wake.worker)
		return [xAt(one, wake.woken, detailed) - (detailed ? 5 : 0), yOf(waker) + (yOf(waker) < yOf(wake.worker) ? 7 : -7)];
	return [xAt(one, one.arrived, detailed), ARRIVAL_Y + 7];
}

function wakeTitle(wake) {
	const parts = [`${workerLong(wake.worker)}, connection ${wake.connection.id}: ${OUTCOMES[wake.outcome].label}`,
		OUTCOMES[wake.outcome].means, CAUSES[wake.cause]];
	return parts.join('. ');
}

// A line while it waits for a CPU, a thin bar in the kernel, a thick one in user space.
function drawDeeds(group, wake, y, end) {
	const x = (ns) => xAt(wake.connection, ns, true);
	const ran = wake.ran ?? wake.woken, back = wake.returned ?? null;
	if (ran > wake.woken) group.append(drawn('line', {class: 'wait', x1: x(wake.woken), x2: x(ran), y1: y, y2: y}));
	const inKernel = back === null ? end : Math.min(back, end);
	const thin = back !== null || wake.outcome === 'swallowed' ? 5 : 8; // where it is not known when it returned: between
	if (inKernel > ran) group.append(area('w', wake.outcome, x(ran), y - thin / 2, x(inKernel) - x(ran), thin));
	if (back !== null && end > back) group.append(area('w', wake.outcome, x(back), y - 7, x(end) - x(back), 14));
}

function endOf(wake) {
	return wake.ended ?? wake.accept ?? wake.ran ?? wake.woken;
}

// When it was decided what came of it.
function decidedAt(wake) {
	return wake.outcome === 'accepted' || wake.outcome === 'eagain' ? wake.accept ?? endOf(wake) : endOf(wake);
}

function drawWake(under, svg, wake, detailed) {
	if (isHidden(wake) || !laneOf.has(wake.worker)) return;
	const y = yOf(wake.worker), end = endOf(wake);
	const x = xAt(wake.connection, detailed || view.axis === 'connection' ? decidedAt(wake) : wake.woken, detailed);
	const r = Math.min(8, frame.pitch / 2 - 3, view.axis === 'connection' && !detailed ? frame.unit / 2 - 0.5 : 8);
	const begin = xAt(wake.connection, wake.woken, detailed);
	if (x < frame.left - 40 && begin < frame.left - 40) return;
	const group = drawn('g', {'data-wake': `${wake.connection.id}:${wake.worker}`, 'data-outcome': wake.outcome},
		drawn('title', {}, wakeTitle(wake)));
	const [fromX, fromY] = source(wake, detailed);
	if (frame.unit >= 14 || view.axis === 'time') arrow(under, wake.connection, fromX, fromY, begin, y - (detailed && begin < x - 2 * r ? 3 : r) * Math.sign(y - fromY));
	if (detailed) drawDeeds(group, wake, y, end);
	group.append(mark(wake.outcome, x, y, Math.max(r, 3)));
	if (wake === view.wake) group.append(drawn('circle', {class: 'ring', cx: x, cy: y, r: r + 4}));
	svg.append(group);
}

// The acceptor was up and took it without having been woken for it.
function drawTaken(svg, one, detailed) {
	const byWake = one.wakes.some((wake) => wake.outcome === 'accepted' && wake.worker === one.acceptor && wake.accepted === one.id);
	if (one.end !== 'accepted' || !laneOf.has(one.acceptor)) return;
	const x = xAt(one, one.taken ?? one.arrived, detailed), y = yOf(one.acceptor);
	if (!byWake) svg.append(drawn('g', {'data-taken': one.id},
		drawn('title', {}, `${workerLong(one.acceptor)} accepted connection ${one.id}; it was not woken for it`),
		drawn('circle', {class: 'taken', cx: x, cy: y, r: Math.max(Math.min(6, frame.pitch / 2 - 4, roomOf(one) / 2), 2.5)})));
	if (detailed && one.taken !== null) {
		svg.append(drawn('rect', {class: 'fill-accepted', x: xAt(one, one.arrived, true), y: ARRIVAL_Y - 2, height: 4,
			width: Math.max(x - xAt(one, one.arrived, true), 1)}));
		arrow(svg, one, x, y - 9, x, ARRIVAL_Y + 3);
	}
}

// Who slept at the arrival, and was left alone.
function drawAsleep(svg, one, detailed) {
	const woken = new Set(one.wakes.map((wake) => wake.worker));
	const x = xAt(one, one.arrived, detailed);
	for (const waiter of one.waiters)
		if (laneOf.has(waiter.worker) && !woken.has(waiter.worker))
			svg.append(drawn('circle', {class: 'asleep', 'data-asleep': `${one.id}:${waiter.worker}`, cx: x.toFixed(1), cy: yOf(waiter.worker), r: 3},
				drawn('title', {}, `${workerLong(waiter.worker)} slept at the arrival of connection ${one.id}, and was not woken`)));
}

function drawArrival(svg, one, detailed) {
	const x = xAt(one, one.arrived, detailed);
	if (detailed && view.axis === 'time' && one.syn_before !== null)
		svg.append(drawn('line', {class: 'wait', 'data-syn': one.id, x1: xOf(one.arrived - one.syn_before), x2: x, y1: ARRIVAL_Y, y2: ARRIVAL_Y}));
	if (x < frame.left - 6) return;
	const r = Math.min(6, Math.max(roomOf(one) / 2 - 1, 3));
	svg.append(drawn('path', {class: 'arrival', 'data-arrival': one.id, d: `M${(x - r).toFixed(1)} ${ARRIVAL_Y - r}h${2 * r}L${x.toFixed(1)} ${ARRIVAL_Y + r}Z`},
		drawn('title', {}, story(one))));
}

function drawEach(svg, inView) {
	// No arrow goes over a mark.
	const under = drawn('g'), over = drawn('g');
	svg.append(under, over);
	// The selected one is drawn last: on top.
	for (const one of [...inView.filter((other) => other !== view.selected), ...inView.filter((other) => other === view.selected)]) {
		const detailed = roomOf(one) >= DETAIL;
		drawArrival(over, one, detailed);
		drawAsleep(over, one, detailed);
		drawTaken(over, one, detailed);
		for (const wake of one.wakes) drawWake(under, over, wake, detailed);
	}
}

// ---- too many: what came of the wakes of each few pixels, added up ----

function binsOf(inView, width) {
	const bins = new Map();
	const count = (key, outcome) => {
		const bin = bins.get(key) || bins.set(key, new Map()).get(key);
		bin.set(outcome, (bin.get(outcome) || 0) + 1);
	};
	inView.forEach((one) => {
		const [from] = placeOf(one);
		const slot = Math.floor((xOf(from) - frame.left) / width);
		if (slot < 0 || slot * width >= frame.plot) return;
		count(`${slot}:`, 'arrivals');
		for (const wake of one.wakes)
			if (!isHidden(wake) && laneOf.has(wake.worker)) count(`${slot}:${laneOf.get(wake.worker)}`, wake.outcome);
	});
	return bins;
}

function drawBins(svg, inView) {
	const width = 6, bins = binsOf(inView, width);
	const most = [...bins].reduce((top, [key, bin]) => key.endsWith(':') ? Math.max(top, bin.get('arrivals')) : top, 1);
	for (const [key, bin] of bins) {
		const [slot, lane] = key.split(':');
		const x = frame.left + slot * width;
		if (lane === '') {
			const height = Math.max(24 * bin.get('arrivals') / most, 2);
			svg.append(drawn('rect', {class: 'arrival', 'data-arrivals': bin.get('arrivals'), x, y: TOP - 6 - height, width: width - 1, height}));
			continue;
		}
		let y = TOP + lane * frame.pitch + 3;
		const sum = [...bin.values()].reduce((a, b) => a + b, 0);
		for (const outcome of Object.keys(OUTCOMES)) {
			if (!bin.has(outcome)) continue;
			const height = (frame.pitch - 6) * bin.get(outcome) / sum;
			svg.append(area('w', outcome, x, y, width - 1, height));
			y += height;
		}
	}
}

// ---- all of it ----

function sayRange(inView) {
	const all = inView.length === connections.length;
	byId('range').textContent = !inView.length ? 'no connection in view' :
		`${all ? 'all ' : ''}${plural(inView.length, 'connection')}${all ? '' : ` of ${connections.length.toLocaleString('en')}`} in view` +
		(view.axis === 'time' ? `, ${duration(view.to - view.from)}` : '');
}

function sayLegend(crowded, inView) {
	const detailed = inView.some((one) => roomOf(one) >= DETAIL);
	const parts = [];
	if (crowded) parts.push('Each stripe adds up a few connections: what came of the wakes of this worker. Zoom in to see them one by one.');
	else parts.push('▼ a connection arrives; each arrow goes to a task that the kernel woke for it; the mark says what came of that.');
	if (!crowded && detailed) parts.push('Dashed: woken, waits for a CPU. Thin bar: in the kernel. Thick bar: in user space. An arrow up: it is accepted.');
	if (!crowded && connections.some((one) => one.end === 'accepted' && !one.wakes.some((wake) => wake.accepted === one.id)))
		parts.push('A blue ring: accepted by a worker that was not woken for it.');
	if (!crowded && inView.some((one) => one.waiters.some((waiter) => !one.wakes.some((wake) => wake.worker === waiter.worker))))
		parts.push('A small circle: asleep, and not woken.');
	if (detailed && view.axis === 'connection')
		parts.push(`A column is from the arrival to ${duration(LONGEST)} after it, on a logarithmic scale: its first half is ` +
			`${duration(KNEE * Math.expm1(0.5 * Math.log1p(LONGEST / KNEE)))}.`);
	if (run.workers.length > lanes.length) parts.push(`${lanes.length} of ${run.workers.length} workers have a lane of their own, those with the most wakes; the others share the last one.`);
	byId('legend').textContent = parts.join(' ');
}

function drawPicture() {
	frame = newFrame();
	const svg = drawn('svg', {width: frame.width, height: frame.height, viewBox: `0 0 ${frame.width} ${frame.height}`}, weaves('w'));
	const inView = visible(), crowded = isCrowded(inView);
	drawLanes(svg);
	drawBand(svg);
	drawTicks(svg);
	const plot = drawn('g', {'clip-path': 'url(#plot)'});
	svg.firstChild.append(drawn('clipPath', {id: 'plot'},
		drawn('rect', {x: frame.left - 9, y: 0, width: frame.plot + 19, height: frame.height})));
	if (crowded) drawBins(plot, inView);
	else drawEach(plot, inView);
	svg.append(plot);
	svg.dataset.level = crowded ? 'sums' : 'each';
	chart.replaceChildren(svg);
	sayRange(inView);
	sayLegend(crowded, inView);
	byId('axis-connection').setAttribute('aria-pressed', view.axis === 'connection');
	byId('axis-time').setAttribute('aria-pressed', view.axis === 'time');
}
