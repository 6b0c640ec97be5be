// ---- buttons, mouse and keys ----

function addFilters() {
	const counts = new Map();
	for (const one of connections) {
		for (const wake of one.wakes) counts.set(wake.outcome, (counts.get(wake.outcome) || 0) + 1);
		if (!one.wakes.length) counts.set('none', (counts.get('none') || 0) + 1);
	}
	for (const outcome of [...Object.keys(OUTCOMES), 'none']) {
		if (!counts.has(outcome)) continue;
		const of = OUTCOMES[outcome];
		const button = element('button', {type: 'button', 'data-filter': outcome, 'aria-pressed': 'true', title: of ? of.means : 'nobody was woken for it'},
			of && inlineMark(outcome), `${counts.get(outcome).toLocaleString('en')} ${of ? of.label : 'without a wake'}`);
		button.addEventListener('click', () => toggleOutcome(outcome));
		byId('filters').append(button);
	}
}

function drawFilters() {
	for (const button of byId('filters').children)
		button.setAttribute('aria-pressed', String(!view.hidden.has(button.dataset.filter)));
}

const THEMES = ['system', 'light', 'dark'];

function nextTheme() {
	const root = document.documentElement;
	const next = THEMES[(THEMES.indexOf(root.dataset.theme || 'system') + 1) % THEMES.length];
	if (next === 'system') delete root.dataset.theme;
	else root.dataset.theme = next;
	byId('theme').textContent = `Theme: ${next}`;
}

function redraw(change) {
	change();
	drawPicture();
}

const KEYS = {
	ArrowRight: () => step(1),
	ArrowLeft: () => step(-1),
	ArrowDown: () => stepWake(1),
	ArrowUp: () => stepWake(-1),
	Home: () => view.shown.length && select(view.shown[0]),
	End: () => view.shown.length && select(view.shown[view.shown.length - 1]),
	Enter: () => view.selected && redraw(() => zoomTo(view.selected)),
	Escape: () => select(null),
	'+': () => redraw(() => zoom(1 / 1.6)),
	'=': () => redraw(() => zoom(1 / 1.6)),
	'-': () => redraw(() => zoom(1.6)),
	0: () => redraw(fitView),
};
// Wherever the focus is.
const KEYS_ANYWHERE = {
	a: () => setAxis(view.axis === 'time' ? 'connection' : 'time'),
	t: nextTheme,
	'?': () => {
		byId('keys').open = !byId('keys').open;
		if (byId('keys').open) byId('keys').querySelector('summary').focus();
	},
};

function inTable(target) {
	return target.closest('#rows tbody tr');
}

// In the table the next row is that of the table's order, and has the focus.
function keyInTable(event, tr) {
	const by = {ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1}[event.key];
	const rows = [...tr.parentNode.children];
	let to = tr;
	if (by) to = rows[Math.min(Math.max(rows.indexOf(tr) + by, 0), rows.length - 1)];
	else if (event.key === 'Home') to = rows[0];
	else if (event.key === 'End') to = rows[rows.length - 1];
	else if (event.key !== ' ' && event.key !== 'Enter') return false;
	select(connections.find((one) => one.id === Number(to.dataset.id)));
	if (event.key === 'Enter') redraw(() => zoomTo(view.selected));
	to.focus({preventScroll: true});
	return true;
}

function onKey(event) {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	const tr = inTable(event.target);
	let done = false;
	if (tr && !event.shiftKey) done = keyInTable(event, tr);
	if (!done && (tr || event.target === chart || event.target === document.body)) {
		const move = event.shiftKey && {ArrowLeft: -0.2, ArrowRight: 0.2}[event.key];
		const act = move ? () => redraw(() => pan(move)) : KEYS[event.key];
		// Elsewhere they scroll the page.
		if (act && (event.target !== document.body || !/^(Arrow|Home|End)/.test(event.key))) {
			act();
			done = true;
		}
	}
	if (!done && KEYS_ANYWHERE[event.key]) {
		KEYS_ANYWHERE[event.key]();
		done = true;
	}
	if (done) event.preventDefault();
}

// ---- the mouse ----

function unitAt(event) {
	const box = chart.querySelector('svg').getBoundingClientRect();
	const scale = frame.width / box.width;
	return {value: view.from + ((event.clientX - box.left) * scale - frame.left) / frame.unit,
		lane: Math.floor(((event.clientY - box.top) * scale - TOP) / frame.pitch)};
}

// The connection at a place of the picture; in true time the one that is next to it.
function connectionAt(value) {
	if (view.axis === 'connection') return view.shown[Math.floor(value)];
	const distance = (one) => value < one.arrived ? one.arrived - value : value > one.last ? value - one.last : 0;
	const near = visible().reduce((best, one) => !best || distance(one) < distance(best) ? one : best, null);
	return near && distance(near) * frame.unit < 24 ? near : undefined;
}

function onClick(event) {
	const {value, lane} = unitAt(event);
	const one = value >= view.from && connectionAt(value);
	if (!one) return select(null);
	const wake = one.wakes.find((other) => laneOf.get(other.worker) === lane && !isHidden(other));
	select(one, wake || null);
}

function addMouse() {
	let grabbed = null, moved = false;
	chart.addEventListener('pointerdown', (event) => {
		if (event.button !== 0) return;
		grabbed = event.clientX;
		moved = false;
	});
	window.addEventListener('pointermove', (event) => {
		if (grabbed === null || (!moved && Math.abs(event.clientX - grabbed) < 5)) return;
		moved = true;
		chart.classList.add('grabbed');
		const by = (grabbed - event.clientX) / frame.plot;
		grabbed = event.clientX;
		redraw(() => pan(by));
	});
	window.addEventListener('pointerup', () => {
		grabbed = null;
		chart.classList.remove('grabbed');
	});
	chart.addEventListener('click', (event) => moved || onClick(event));
	chart.addEventListener('dblclick', (event) => {
		const one = connectionAt(unitAt(event).value);
		if (one) redraw(() => zoomTo(one));
	});
	chart.addEventListener('wheel', (event) => {
		if (event.ctrlKey) redraw(() => zoom(event.deltaY > 0 ? 1.25 : 0.8, unitAt(event).value));
		else if (event.shiftKey || event.deltaX) redraw(() => pan((event.deltaX || event.deltaY) / 800));
		else return;
		event.preventDefault();
	}, {passive: false});
	byId('rows').addEventListener('click', (event) => {
		const tr = inTable(event.target);
		if (tr) select(connections.find((one) => one.id === Number(tr.dataset.id)));
	});
}

function addButtons() {
	const on = (id, act) => byId(id).addEventListener('click', act);
	on('axis-connection', () => setAxis('connection'));
	on('axis-time', () => setAxis('time'));
	on('zoom-in', () => redraw(() => zoom(1 / 1.6)));
	on('zoom-out', () => redraw(() => zoom(1.6)));
	on('zoom-fit', () => redraw(fitView));
	on('pan-left', () => redraw(() => pan(-0.2)));
	on('pan-right', () => redraw(() => pan(0.2)));
	on('theme', nextTheme);
}

// ---- paper ----

function setPrinting(printing) {
	frame.printing = printing;
	if (printing) rowsMost = Infinity;
	drawPicture();
	drawSight();
	drawRows();
}

// ---- go ----

listening.push(drawPicture, drawFilters, drawRows, drawDetails);
drawAnswer();
drawVerdicts();
drawWorkers();
drawWords();
addFilters();
addButtons();
addMouse();
document.addEventListener('keydown', onKey);
applyFilter();
fitView();
changed();
drawSight();
new ResizeObserver(() => { drawPicture(); drawSight(); }).observe(byId('picture'));
window.addEventListener('beforeprint', () => setPrinting(true));
window.addEventListener('afterprint', () => setPrinting(false));
