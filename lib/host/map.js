/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Hover, search and zoom of a map. What a line looks like at zoom 1 is drawn already. */
'use strict';
(() => {
	const SVG = 'http://www.w3.org/2000/svg';
	const LABEL_CHAR = 7, TICK_WIDE = 108, ZOOM_MAX = 64;
	const id = (name) => document.getElementById(name);
	const main = document.querySelector('main');
	const attribute = (node, name) => Number(node.getAttribute(name));

	/* A box, gap or mark, with its place at zoom 1 and its hover. */
	function part_of(g) {
		const rect = g.querySelector('rect');
		const text = g.querySelector('title').textContent;
		const line = /^\S* *(0x[0-9a-f]+)-(0x[0-9a-f]+)(?: +\S+ +(0x[0-9a-f]+) )?/.exec(text);
		return {
			g, rect, text, low: text.toLowerCase(),
			x: attribute(rect, 'x'), wide: attribute(rect, 'width'),
			label: g.dataset.l, first: line && BigInt(line[1]), last: line && BigInt(line[2]),
			pa: line && line[3] ? BigInt(line[3]) : null,
		};
	}

	const lines = [...document.querySelectorAll('svg.line')].map((svg) => ({
		svg, wide: attribute(svg, 'width'), high: attribute(svg, 'height'),
		parts: [...svg.querySelectorAll('.x, .g, .d')].map(part_of),
	}));
	const gaps = (part) => part.g.classList.contains('g');
	const parts = lines.flatMap((line) => line.parts).filter((part) => !gaps(part));
	const of_g = new Map(lines.flatMap((line) => line.parts).map((part) => [part.g, part]));

	/* Zoom: everything is wider, and texts that fit now are there. */

	function text_at(kind, x, y, text) {
		const node = document.createElementNS(SVG, 'text');
		node.setAttribute('class', kind);
		node.setAttribute('x', x);
		node.setAttribute('y', y);
		node.textContent = text;
		return node;
	}

	function fitting(full, wide) {
		const room = Math.floor((wide - 4) / LABEL_CHAR), cut = full.lastIndexOf(' ');
		const all = cut < 0 ? [full] : [full, full.slice(0, cut), full.slice(cut + 1)];
		return all.find((text) => text.length <= room);
	}

	function stretch_part(part, zoom) {
		const old = part.g.querySelector('text');
		part.rect.setAttribute('x', part.x * zoom);
		part.rect.setAttribute('width', part.wide * zoom);
		if (old)
			old.remove();
		const label = part.label && fitting(part.label, part.wide * zoom);
		if (label)
			part.g.append(text_at('l', (part.x + part.wide / 2) * zoom,
				gaps(part) ? 24 : 32, label));
	}

	function draw_ticks(line, zoom) {
		let free = 0;
		line.svg.querySelectorAll('.t').forEach((tick) => tick.remove());
		for (const part of line.parts) {
			const x = part.x * zoom;
			if (!part.g.classList.contains('x') || !part.first || x < free ||
			    x + TICK_WIDE > line.wide * zoom)
				continue;
			line.svg.prepend(text_at('t', x, 10,
				'0x' + part.first.toString(16).padStart(16, '0')));
			free = x + TICK_WIDE;
		}
	}

	let zoom = 1;
	function set_zoom(to) {
		const middle = (main.scrollLeft + main.clientWidth / 2) / zoom;
		zoom = Math.min(Math.max(to, 1), ZOOM_MAX);
		for (const line of lines) {
			line.svg.setAttribute('width', line.wide * zoom);
			line.svg.setAttribute('viewBox', `0 0 ${line.wide * zoom} ${line.high}`);
			line.parts.forEach((part) => stretch_part(part, zoom));
			draw_ticks(line, zoom);
		}
		main.scrollLeft = middle * zoom - main.clientWidth / 2;
		id('zoom').textContent = zoom + 'x';
	}

	/* Hover and focus: the line below the page. One box can be reached by the tab key. */

	let current = parts[0];
	function show(part) {
		id('status').textContent = part.text;
	}

	function go(part) {
		if (!part)
			return;
		current.g.tabIndex = -1;
		current = part;
		part.g.tabIndex = 0;
		part.g.focus({ preventScroll: true });
		part.g.scrollIntoView({ block: 'center', inline: 'center' });
	}

	function step(by) {
		let i = parts.indexOf(current) + by;
		while (parts[i] && getComputedStyle(parts[i].g).visibility === 'hidden')
			i += by;
		go(parts[i]);
	}

	parts.forEach((part) => {
		part.g.setAttribute('role', 'img');
		part.g.setAttribute('tabindex', -1);
	});
	if (current)
		current.g.tabIndex = 0;
	function shown_by(event) {
		const part = of_g.get(event.target.closest('.x, .g, .d'));
		if (part)
			show(part);
	}
	main.addEventListener('pointerover', shown_by);
	main.addEventListener('focusin', shown_by);

	/* Search: a number is an address, with the tag of the space or without, or a PA; else text. */

	const untagged = (address) => address & 0xffffffffffffn;
	function has_address(part, at) {
		if (part.first === null)
			return false;
		if (part.first <= at && at <= part.last)
			return true;
		if (at >> 48n || part.first >> 63n && part.pa === null)
			return false;
		if (!(part.first >> 63n) && untagged(part.first) <= at && at <= untagged(part.last))
			return true;
		return part.pa !== null && part.pa <= at && at - part.pa <= part.last - part.first;
	}

	let hits = [], at = -1;
	function search() {
		const what = id('search').value.trim().toLowerCase();
		const address = /^0x[0-9a-f]{1,16}$/.test(what) ? BigInt(what) : null;
		hits = what === '' ? [] : parts.filter((part) => address === null ?
			part.low.includes(what) : has_address(part, address));
		at = -1;
		parts.forEach((part) => part.g.classList.remove('hit'));
		hits.forEach((part) => part.g.classList.add('hit'));
		main.classList.toggle('searching', what !== '');
		id('hits').textContent = what === '' ? '' : hits.length + (hits.length === 1 ? ' hit' : ' hits');
		if (hits.length)
			show(hits[0]);
	}

	function next_hit(by) {
		if (!hits.length)
			return;
		at = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
		id('hits').textContent = (at + 1) + ' of ' + hits.length + (hits.length === 1 ? ' hit' : ' hits');
		hits[at].g.scrollIntoView({ block: 'center', inline: 'center' });
		show(hits[at]);
	}

	id('search').addEventListener('input', search);
	id('back').addEventListener('click', () => next_hit(-1));
	id('forth').addEventListener('click', () => next_hit(1));
	id('in').addEventListener('click', () => set_zoom(zoom * 2));
	id('out').addEventListener('click', () => set_zoom(zoom / 2));
	id('controls').addEventListener('submit', (event) => event.preventDefault());
	id('search').addEventListener('keydown', (event) => {
		if (event.key === 'Enter')
			next_hit(event.shiftKey ? -1 : 1);
	});
	if (id('layer'))
		id('layer').addEventListener('change', () =>
			main.classList.toggle('plain', !id('layer').checked));

	const keys = {
		'+': () => set_zoom(zoom * 2),
		'-': () => set_zoom(zoom / 2),
		'0': () => set_zoom(1),
		'/': () => id('search').focus(),
		ArrowRight: () => step(1),
		ArrowLeft: () => step(-1),
		Home: () => go(parts[0]),
		End: () => go(parts[parts.length - 1]),
	};
	document.addEventListener('keydown', (event) => {
		if (event.target.tagName === 'INPUT' || event.ctrlKey || event.altKey || event.metaKey ||
		    !keys[event.key])
			return;
		event.preventDefault();
		keys[event.key]();
	});
	addEventListener('beforeprint', () => set_zoom(1));
})();
