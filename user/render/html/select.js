// ---- what is selected and what is filtered: everything that shows it is told ----

const listening = [];

function changed() {
	for (const tell of listening) tell();
}

function applyFilter() {
	view.shown = connections.filter((one) =>
		one.wakes.length ? one.wakes.some((wake) => !isHidden(wake)) : !view.hidden.has('none'));
	connections.forEach((one) => { one.column = -1; });
	view.shown.forEach((one, i) => { one.column = i; });
	if (view.selected && !view.shown.includes(view.selected)) {
		view.selected = null;
		view.wake = null;
	}
}

function select(connection, wake = null) {
	view.selected = connection;
	view.wake = wake;
	if (connection) reveal(connection);
	changed();
}

// In order of arrival; from nothing to the first, or the last one.
function step(by) {
	if (!view.shown.length) return;
	const at = view.selected ? view.selected.column + by : by > 0 ? 0 : view.shown.length - 1;
	select(view.shown[Math.min(Math.max(at, 0), view.shown.length - 1)]);
}

function stepWake(by) {
	if (!view.selected) return step(1);
	const wakes = view.selected.wakes.filter((wake) => !isHidden(wake));
	if (!wakes.length) return;
	const at = view.wake ? wakes.indexOf(view.wake) + by : by > 0 ? 0 : wakes.length - 1;
	select(view.selected, wakes[Math.min(Math.max(at, 0), wakes.length - 1)]);
}

function toggleOutcome(outcome) {
	if (!view.hidden.delete(outcome)) view.hidden.add(outcome);
	const whole = view.from <= extent()[0] && view.to >= extent()[1];
	applyFilter();
	if (whole || view.axis === 'connection') fitView();
	else clampView();
	changed();
}

function setAxis(axis) {
	view.axis = axis;
	fitView();
	if (view.selected) reveal(view.selected);
	changed();
}

// What became of a connection, in a sentence.
function story(one) {
	const woken = one.woken === 0 ? 'no task was woken' :
		`the kernel woke ${plural(one.woken, 'task')}`;
	const slept = one.waiting === 0 ? 'nobody was waiting' :
		`${plural(one.waiting, 'task')}${one.may_be_more ? ' or more' : ''} slept`;
	const wasted = one.wasted ? `, ${one.wasted} for nothing` : '';
	let end = 'it was still waiting when the trace ended';
	if (one.end === 'lost') end = 'it was lost: its listener closed';
	if (one.end === 'accepted')
		end = `${workerName(one.acceptor)} accepted it after ${duration(one.waited)}`;
	const stranded = one.stranded ? ' It was stranded: somebody could have taken it, and slept.' : '';
	return `Connection ${one.id}: ${slept}, ${woken}${wasted}; ${end}.${stranded}`;
}
