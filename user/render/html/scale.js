// ---- what is in view, and where: a column for each connection, or true time ----

const view = {
	axis: 'connection',
	from: 0,
	to: 1,
	hidden: new Set(), // outcomes
	shown: [],         // connections that the filter leaves, in order of arrival
	selected: null,    // a connection
	wake: null,        // one of its wakes
	sort: {field: 'id', down: false},
};

// Columns share one scale of time, so that they can be compared: linear until the first wake, as a rule, and logarithmic
// beyond, as a wake takes microseconds and what comes of it milliseconds.
const LONGEST = connections.reduce((most, one) => Math.max(most, one.last - one.arrived), 1e4);

const KNEE = (() => {
	const first = connections.filter((one) => one.wakes.length).map((one) => one.wakes[0].woken - one.arrived).sort((a, b) => a - b);
	return Math.min(Math.max(first[first.length >> 1] || 0, 1e3), LONGEST / 10);
})();

function share(ns) {
	return Math.log1p(Math.max(ns, 0) / KNEE) / Math.log1p(LONGEST / KNEE);
}

function extent() {
	if (view.axis === 'connection') return [0, Math.max(view.shown.length, 1)];
	const last = view.shown.reduce((most, one) => Math.max(most, one.last), 1e4);
	const first = view.shown.length ? view.shown[0].arrived : 0;
	const margin = (last - first) * 0.02 || 1e3;
	return [first - margin, last + margin];
}

function smallestSpan() {
	return view.axis === 'connection' ? 1 : 2e3;
}

function clampView() {
	const [least, most] = extent();
	const span = Math.min(Math.max(view.to - view.from, smallestSpan()), most - least);
	view.from = Math.min(Math.max(view.from, least), most - span);
	view.to = view.from + span;
}

function fitView() {
	[view.from, view.to] = extent();
}

function zoom(factor, at = (view.from + view.to) / 2) {
	const span = Math.max((view.to - view.from) * factor, smallestSpan());
	const part = (at - view.from) / (view.to - view.from);
	view.from = at - part * span;
	view.to = view.from + span;
	clampView();
}

function pan(part) {
	const by = (view.to - view.from) * part;
	view.from += by;
	view.to += by;
	clampView();
}

// From where to where a connection goes on this axis.
function placeOf(connection) {
	if (view.axis === 'connection') {
		return [connection.column, connection.column + 1];
	}
	return [connection.arrived - (connection.syn_before ?? 0), Math.max(connection.last, connection.arrived + 1)];
}

function zoomTo(connection) {
	const [from, to] = placeOf(connection);
	if (from < 0 || (view.axis === 'connection' && !view.shown.length)) return;
	const margin = view.axis === 'connection' ? 0.5 : (to - from) * 0.15;
	view.from = from - margin;
	view.to = to + margin;
	clampView();
}

// Moves the picture as little as it takes.
function reveal(connection) {
	const [from, to] = placeOf(connection);
	if (from < 0) return;
	const span = view.to - view.from;
	if (from < view.from) view.from = from - (span > 2 * (to - from) ? span * 0.1 : 0);
	else if (to > view.to) view.from = Math.min(from, to - span + (span > 2 * (to - from) ? span * 0.1 : 0));
	view.to = view.from + span;
	clampView();
}

// Round steps for the ticks of true time.
function tickStep(span, count) {
	const rough = span / count;
	const unit = 10 ** Math.floor(Math.log10(rough));
	return [1, 2, 5, 10].map((times) => times * unit).find((step) => step >= rough);
}
