// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A page around a map: to hover, search, and zoom in. Without its script it still shows all. */
#include "map.h"

static void draw_track(FILE *to, const struct map *map, const struct track *track)
{
	unsigned int i;

	fputs("<section>\n<h2>", to);
	put_escaped(to, track->heading);
	fputs("</h2>\n", to);
	for (i = 0; i < track->lines; i++) {
		fprintf(to, "<svg class=\"line\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\">\n",
			MAP_WIDTH, line_height(map), MAP_WIDTH, line_height(map));
		draw_line(to, map, track, i);
		fputs("</svg>\n", to);
	}
	fputs("</section>\n", to);
}

/* Nothing is loaded from anywhere, whatever may be in the page. */
static void put_head(FILE *to, const struct map *map)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>", to);
	put_head_line(to, map);
	fprintf(to, "</title>\n<style>%s%s</style>\n</head>\n<body>\n", map_css, map_page_css);
	fputs("<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\">\n", to);
	draw_patterns(to);
	fputs("</svg>\n", to);
}

static void put_controls(FILE *to, const struct map *map)
{
	fputs("<form id=\"controls\" role=\"search\">\n"
	      "<label>Search <input id=\"search\" type=\"search\" autocomplete=\"off\" "
	      "placeholder=\"address, owner, rights\"/></label>\n"
	      "<output id=\"hits\"></output>\n"
	      "<button type=\"button\" id=\"back\" title=\"previous hit (Shift+Enter)\">&lt;</button>\n"
	      "<button type=\"button\" id=\"forth\" title=\"next hit (Enter)\">&gt;</button>\n"
	      "<span class=\"space\"></span>\n"
	      "<button type=\"button\" id=\"out\" title=\"zoom out (-)\">-</button>\n"
	      "<output id=\"zoom\">1x</output>\n"
	      "<button type=\"button\" id=\"in\" title=\"zoom in (+)\">+</button>\n", to);
	if (map->b)
		fputs("<label><input id=\"layer\" type=\"checkbox\" checked=\"checked\"/> "
		      "differences</label>\n", to);
	fputs("</form>\n", to);
}

void map_html(FILE *to, const struct map *map)
{
	unsigned int i;

	put_head(to, map);
	fputs("<header>\n<h1>", to);
	put_head_line(to, map);
	fputs("</h1>\n<p>", to);
	put_sum_line(to, map);
	fputs("</p>\n", to);
	put_controls(to, map);
	fprintf(to, "<svg width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\">\n", MAP_WIDTH,
		legend_height(map), MAP_WIDTH, legend_height(map));
	draw_legend(to, map);
	fputs("</svg>\n</header>\n<main>\n", to);
	for (i = 0; i < map->tracks; i++)
		draw_track(to, map, &map->track[i]);
	fprintf(to, "</main>\n<footer id=\"status\" aria-live=\"polite\">Point at a box, or go with the "
		"arrow keys.</footer>\n<script>%s</script>\n</body>\n</html>\n", map_js);
}
