// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/documents.h"

#include <errno.h>

int documents__write_verify(FILE *out, const struct verify_report *r, enum render_format format,
			    const struct terminal *terminal)
{
	switch (format) {
	case RENDER_TABLE: return verify_table__write(out, r, terminal);
	case RENDER_JSON: return verify_json__write(out, r);
	case RENDER_JUNIT: return verify_junit__write(out, r);
	case RENDER_TAP: return verify_tap__write(out, r);
	case RENDER_MARKDOWN: return verify_markdown__write(out, r);
	default: return -EINVAL;
	}
}

int documents__write_comparison(FILE *out, const struct comparison *c, bool all,
				enum render_format format, const struct terminal *terminal)
{
	switch (format) {
	case RENDER_TABLE: return compare_table__write(out, c, all, terminal);
	case RENDER_JSON: return compare_json__write(out, c, all);
	case RENDER_MARKDOWN: return compare_markdown__write(out, c, all);
	default: return -EINVAL;
	}
}
