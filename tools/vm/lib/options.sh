# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is for run and the other parts
# The options of run. To be sourced.

usage() {
	die "usage: run [OPTIONS] SERIES|--kernel VMLINUZ [--modules DIRECTORY] -- COMMAND [ARG...]"
}

default_options() {
	cpus='' mem=1024 accel=auto timeout=300 append='' verbose=0 icount=0 systemd=0
	series='' kernel='' modules=''
	shares=() environment=()
}

add_share() {
	[ -d "$1" ] || die "--share $1: no such directory"
	shares+=("$(realpath "$1")")
}

add_environment() {
	[[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || die "--env takes NAME=VALUE, not $1"
	environment+=("$1")
}

# option NAME VALUE: false if there is no such option with a value.
option() {
	case $1 in
	--cpus | --mem | --accel | --timeout | --append | --kernel | --modules)
		printf -v "${1#--}" %s "$2"
		;;
	--share) add_share "$2" ;;
	--env) add_environment "$2" ;;
	*) return 1 ;;
	esac
}

# What --icount asks for: a clock that counts instructions needs one CPU, emulated by one thread.
settle_icount() {
	[ "$icount" = 1 ] || return 0
	[ "${cpus:-1}" = 1 ] || die "--icount takes one CPU, not $cpus"
	[ "$accel" != kvm ] || die "--icount takes emulation, not kvm"
	cpus=1 accel=tcg
}

check_options() {
	local name

	settle_icount
	cpus=${cpus:-2}
	[ -n "$series$kernel" ] || usage
	[ -z "$series" ] || [ -z "$kernel$modules" ] || usage
	for name in cpus mem timeout; do
		[[ ${!name} =~ ^[1-9][0-9]*$ ]] || die "--$name takes a number, not ${!name}"
	done
	case $accel in
	auto | kvm | tcg) ;;
	*) die "--accel takes auto, kvm or tcg, not $accel" ;;
	esac
}

# parse_options WORD...: sets the options and, from what follows --, command.
parse_options() {
	default_options
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		-v) verbose=1 ;;
		--icount) icount=1 ;;
		--systemd) systemd=1 ;;
		-*)
			[ $# -gt 1 ] || usage
			option "$1" "$2" || usage
			shift
			;;
		*)
			[ -z "$series" ] || usage
			series=$1
			;;
		esac
		shift
	done
	[ $# -gt 1 ] || usage
	command=("${@:2}")
	check_options
}
