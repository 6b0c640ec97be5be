# shellcheck shell=bash
# shellcheck disable=SC2154 # run sets here, work, directory, command, environment, modules, shares, systemd
# What the guest is told, as files in $work/job, which it mounts first. To be sourced.

# first_below DIRECTORY PATH: the entry of DIRECTORY that leads to PATH, if PATH lies in it.
first_below() {
	local rest=${2#"$1"/}
	[ "$rest" = "$2" ] || [ -z "$rest" ] || echo "$1/${rest%%/*}"
}

# The guest has its own empty /tmp and /run. Where a path it needs lies in one of these on the host,
# that entry is kept.
kept_paths() {
	local path parent
	for path; do
		[ -e "$path" ] || continue
		for parent in /tmp /run; do
			first_below "$parent" "$path"
		done
	done | sort -u
}

# The command as a script: its words exactly as given, its directory this one.
command_script() {
	local word
	printf 'cd %s || exit 125\nexec' "$(quote "$directory")"
	for word in "${command[@]}"; do
		printf ' %s' "$(quote "$word")"
	done
	# The terminal was needed only to become the session's.
	printf ' </dev/null\n'
}

environment_script() {
	local setting
	printf 'export %s\n' PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		TERM=dumb LC_ALL=C.UTF-8 USER=root LOGNAME=root "HOME=$(quote "$HOME")"
	for setting in "${environment[@]}"; do
		printf 'export %s=%s\n' "${setting%%=*}" "$(quote "${setting#*=}")"
	done
}

# lines [WORD...]: nothing at all for no word.
lines() {
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

write_job() {
	local job=$work/job

	mkdir "$job"
	cp "$here/guest-run" "$job/"
	command_script >"$job/command"
	[ "$systemd" = 0 ] || : >"$job/systemd"
	environment_script >"$job/environment"
	kept_paths "$directory" "$HOME" "$modules" "${command[@]}" >"$job/kept"
	lines "${shares[@]}" >"$job/shares"
	if [ -d "$modules" ]; then echo "$modules"; fi >"$job/modules"
}
