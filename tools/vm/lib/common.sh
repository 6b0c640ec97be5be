# shellcheck shell=bash
# What fetch, run and selftest share. To be sourced; $program names the caller in messages.

# The harness's own failures end with 125, so that they are never taken for the command's status.
die() {
	echo "${program:?}: $*" >&2
	exit 125
}

cache_root() {
	echo "${HERDTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/herdtrace}"
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || die "$tool is missing (tools/setup vm installs it)"
	done
}

# One word in single quotes, for any POSIX shell to read back.
quote() {
	local mark="'\\''"
	printf "'%s'" "${1//\'/$mark}"
}

# Moves a finished file or directory to its final name: whoever finds the name finds it complete.
publish() {
	mv -T "$1" "$2"
}
