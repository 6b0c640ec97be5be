// ---- the table of connections, beside the picture and linked with it ----

const ROWS_STEP = 500; // more rows come when they are asked for
const MARKS_MOST = 8;
let rowsMost = ROWS_STEP;

const ROW_FIELDS = [
	{field: 'id', title: '#', number: true, cell: (one) => one.id},
	{field: 'waiting', title: 'waiting', number: true, cell: (one) => `${one.waiting}${one.may_be_more ? '+' : ''}`},
	{field: 'woken', title: 'woken', number: true, cell: (one) => one.woken},
	{field: 'wasted', title: 'wasted', number: true, cell: (one) => one.wasted},
	{field: 'outcomes', title: 'outcomes', cell: outcomeMarks},
	{field: 'acceptor', title: 'accepted by', cell: (one) => one.end === 'accepted' ? workerName(one.acceptor) : `nobody (${one.end})`},
	{field: 'waited', title: 'wait', number: true, cell: (one) => `${one.stranded ? '! ' : ''}${duration(one.waited)}`},
	{field: 'peer', title: 'peer', cell: (one) => one.peer},
];

function outcomeMarks(one) {
	const cell = element('span', {title: one.wakes.map((wake) => OUTCOMES[wake.outcome].label).join(', ')});
	one.wakes.slice(0, MARKS_MOST).forEach((wake) => cell.append(element('span', {class: `tag tag-${wake.outcome}`}, OUTCOMES[wake.outcome].letter)));
	if (one.wake_cnt > MARKS_MOST) cell.append(` +${one.wake_cnt - MARKS_MOST}`);
	return cell;
}

function sortKey(one, field) {
	if (field === 'outcomes') return one.wakes.map((wake) => OUTCOMES[wake.outcome].letter).join('');
	return one[field] ?? -1;
}

function sorted() {
	const {field, down} = view.sort;
	if (field === 'id' && !down) return view.shown;
	const order = (a, b) => a < b ? -1 : a > b ? 1 : 0;
	return [...view.shown].sort((a, b) =>
		(down ? -1 : 1) * order(sortKey(a, field), sortKey(b, field)) || a.id - b.id);
}

function headCell(column) {
	const is = view.sort.field === column.field;
	const button = element('button', {type: 'button', title: 'sort'}, column.title, is ? (view.sort.down ? ' ▾' : ' ▴') : '');
	button.addEventListener('click', () => {
		view.sort = {field: column.field, down: is ? !view.sort.down : column.number && column.field !== 'id'};
		drawRows();
		byId('rows').querySelector(`[data-field="${column.field}"] button`).focus();
	});
	return element('th', {scope: 'col', 'data-field': column.field, class: column.number && 'number',
		'aria-sort': is && (view.sort.down ? 'descending' : 'ascending')}, button);
}

function row(one) {
	const tr = element('tr', {'data-id': one.id, tabindex: -1, 'aria-selected': 'false'});
	for (const column of ROW_FIELDS)
		tr.append(element('td', {class: column.number && 'number'}, column.cell(one)));
	return tr;
}

let rowsDrawn = ''; // what the rows in the page are of

function drawRows() {
	const all = sorted();
	const key = `${view.sort.field}:${view.sort.down}:${rowsMost}:${[...view.hidden].sort()}`;
	if (key === rowsDrawn) return markRow();
	rowsDrawn = key;
	const body = element('tbody', {});
	all.slice(0, rowsMost).forEach((one) => body.append(row(one)));
	const table = element('table', {'aria-label': 'Connections'},
		element('thead', {}, element('tr', {}, ...ROW_FIELDS.map(headCell))), body);
	const left = all.length - Math.min(all.length, rowsMost);
	const more = element('button', {type: 'button', id: 'more', class: 'screen'}, `${Math.min(left, ROWS_STEP)} more rows`);
	more.addEventListener('click', () => { rowsMost += ROWS_STEP; drawRows(); });
	byId('rows').replaceChildren(table);
	if (left) byId('rows').append(element('p', {}, `${plural(left, 'row')} not drawn yet. `, more));
	if (!all.length) byId('rows').append(element('p', {}, connections.length ? 'No connection has such a wake.' : noRows()));
	markRow();
}

function noRows() {
	return run.summary.connections ? 'The connections were left out of this page (--summary).' : 'No connection arrived.';
}

// Shows the selected row without scrolling the page itself.
function markRow() {
	const box = byId('rows');
	for (const old of box.querySelectorAll('tr[aria-selected="true"]')) old.setAttribute('aria-selected', 'false');
	let first = box.querySelector('tbody tr');
	const tr = view.selected && rowOf(view.selected);
	if (tr) {
		tr.setAttribute('aria-selected', 'true');
		const head = box.querySelector('thead').offsetHeight;
		if (tr.offsetTop - head < box.scrollTop) box.scrollTop = tr.offsetTop - head;
		else if (tr.offsetTop + tr.offsetHeight > box.scrollTop + box.clientHeight)
			box.scrollTop = tr.offsetTop + tr.offsetHeight - box.clientHeight;
		first = tr;
	}
	for (const old of box.querySelectorAll('tr[tabindex="0"]')) old.tabIndex = -1;
	if (first) first.tabIndex = 0;
}

function rowOf(one) {
	const at = sorted().indexOf(one);
	if (at >= rowsMost) {
		rowsMost = Math.ceil((at + 1) / ROWS_STEP) * ROWS_STEP;
		drawRows();
	}
	return byId('rows').querySelector(`tr[data-id="${one.id}"]`);
}
