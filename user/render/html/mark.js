// ---- marks: for each outcome a shape with its letter, and a pattern for areas ----

const SHAPES = {
	circle: (r) => drawn('circle', {r}),
	hexagon: (r) => polygon(6, r * 1.1, 0),
	octagon: (r) => polygon(8, r * 1.1, Math.PI / 8),
	diamond: (r) => polygon(4, r * 1.25, 0),
	square: (r) => drawn('rect', {x: -r * 0.9, y: -r * 0.9, width: r * 1.8, height: r * 1.8}),
	triangle: (r) => drawn('path', {d: `M${-r * 1.2} ${-r * 0.85}H${r * 1.2}L0 ${r * 1.2}Z`}),
	house: (r) => drawn('path', {d: `M${-r * 0.9} ${r}V${-r * 0.3}L0 ${-r * 1.15}L${r * 0.9} ${-r * 0.3}V${r}Z`}),
	bar: (r) => drawn('rect', {x: -r * 0.6, y: -r, width: r * 1.2, height: r * 2}),
};

function polygon(corners, r, turn) {
	const points = [];
	for (let i = 0; i < corners; i++) {
		const angle = turn + i * 2 * Math.PI / corners;
		points.push(`${(r * Math.cos(angle)).toFixed(2)},${(r * Math.sin(angle)).toFixed(2)}`);
	}
	return drawn('polygon', {points: points.join(' ')});
}

function mark(outcome, x, y, r) {
	const of = OUTCOMES[outcome];
	const shape = SHAPES[of.shape](r);
	shape.setAttribute('class', `fill-${outcome}`);
	const group = drawn('g', {transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`}, shape);
	if (r >= 6) group.append(drawn('text', {class: `letter on-${outcome}`, y: of.shape === 'triangle' ? 2.5 : 3.6}, of.letter));
	return group;
}

// One that stands in a text.
function inlineMark(outcome) {
	return drawn('svg', {class: 'mark', viewBox: '-10 -10 20 20', 'aria-hidden': 'true'}, mark(outcome, 0, 0, 8));
}

// What tells areas apart without colour: over the colour goes a weave of its own.
const WEAVES = {
	swallowed: () => drawn('path', {class: 'weave', d: 'M-1 7L7 -1M-1 1L1 -1M5 7L7 5'}),
	eagain: () => drawn('circle', {class: 'weave-dot', cx: 3, cy: 3, r: 1.3}),
	idle: () => drawn('path', {class: 'weave', d: 'M0 3H6'}),
	exited: () => drawn('path', {class: 'weave', d: 'M3 0V6'}),
	pending: () => drawn('path', {class: 'weave', d: 'M0 3H6M3 0V6'}),
};

// Every drawing has patterns of its own: an id belongs to one of them.
function weaves(prefix) {
	const defs = drawn('defs');
	for (const [outcome, draw] of Object.entries(WEAVES))
		defs.append(drawn('pattern', {id: `${prefix}-${outcome}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse'}, draw()));
	return defs;
}

function area(prefix, outcome, x, y, width, height) {
	const at = {x: x.toFixed(1), y: y.toFixed(1), width: Math.max(width, 0.5).toFixed(1), height: height.toFixed(1)};
	const group = drawn('g', {'data-outcome': outcome}, drawn('rect', {...at, class: `fill-${outcome}`}));
	if (WEAVES[outcome] && width >= 4)
		group.append(drawn('rect', {...at, fill: `url(#${prefix}-${outcome})`}));
	return group;
}
