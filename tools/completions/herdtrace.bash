# shellcheck shell=bash disable=SC2207
# Completion of herdtrace in bash. Made from the tables of its commands and options: do not change it here.
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

# By command; "-" is a trace, which has no word.
unset _herdtrace_options _herdtrace_arguments _herdtrace_operands
declare -gA _herdtrace_options _herdtrace_arguments _herdtrace_operands
@table@

# All but the kernel's threads, which have no command line.
_herdtrace_pids()
{
	local directory

	for directory in /proc/[0-9]*; do
		IFS= read -r -d '' _ 2>/dev/null <"$directory/cmdline" && echo "${directory#/proc/}"
	done 2>/dev/null
}

_herdtrace_units()
{
	local unit

	systemctl list-units --type=service --no-legend --plain 2>/dev/null | while read -r unit _; do
		echo "${unit%.service}"
	done
}

# _herdtrace_value KIND WORD...: what the word that is completed (cur) can be.
_herdtrace_value()
{
	local kind=$1 before='' mount=/sys/fs/cgroup
	shift

	case $kind in
	words) COMPREPLY=($(compgen -W "$*" -- "$cur")) ;;
	user) COMPREPLY=($(compgen -u -- "$cur")) ;;
	unit) COMPREPLY=($(compgen -W "$(_herdtrace_units)" -- "$cur")) ;;
	pids)
		[[ $cur != *,* ]] || before=${cur%,*},
		COMPREPLY=($(compgen -P "$before" -W "$(_herdtrace_pids)" -- "${cur##*,}"))
		;;
	*)
		compopt -o filenames 2>/dev/null
		local IFS=$'\n'
		case $kind in
		file) COMPREPLY=($(compgen -f -- "$cur")) ;;
		directory) COMPREPLY=($(compgen -d -- "$cur")) ;;
		cgroup)
			compopt -o nospace 2>/dev/null
			COMPREPLY=($(compgen -d -S / -- "$mount/${cur#/}"))
			COMPREPLY=("${COMPREPLY[@]#"$mount"}")
			;;
		esac
		;;
	esac
}

# _herdtrace_command WHERE: the server's command line begins at this word.
_herdtrace_command()
{
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		compopt -o filenames 2>/dev/null
		local IFS=$'\n'
		COMPREPLY=($(compgen -c -- "$cur"))
	else
		_herdtrace_value file
	fi
}

# _herdtrace_walk WHERE: reads the words before the one that is completed. Sets option to the one whose argument that
# one is, server to where a command line begins, ended where there was a "--".
_herdtrace_walk()
{
	local i word letters

	for ((i = $1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--)
			ended=1
			[[ ${_herdtrace_operands[$command]} != command ]] || server=$((i + 1))
			;;
		--*)
			# Bash takes "--format=json" for three words.
			if [[ ${COMP_WORDS[i + 1]} == = ]]; then
				i=$((i + 2))
				((i < COMP_CWORD)) || option=$word
			elif [[ -n ${_herdtrace_arguments[$command $word]} ]]; then
				i=$((i + 1))
				((i < COMP_CWORD)) || option=$word
			fi
			;;
		-?*)
			for ((letters = 1; letters < ${#word}; letters++)); do
				[[ -n ${_herdtrace_arguments[$command -${word:letters:1}]} ]] || continue
				((letters + 1 == ${#word})) || break
				i=$((i + 1))
				((i < COMP_CWORD)) || option=-${word:letters:1}
			done
			;;
		*) [[ ${_herdtrace_operands[$command]} != command ]] || server=$i ;;
		esac
		[[ -z $server ]] || return
		[[ -z $ended ]] || return
	done
}

_herdtrace()
{
	local cur=${COMP_WORDS[COMP_CWORD]} command=- first=1 option='' server='' ended=''
	local word=${COMP_WORDS[1]}

	COMPREPLY=()
	[[ $cur != = ]] || cur=
	if ((COMP_CWORD > 1)) && [[ $word != -* && -n $word && -n ${_herdtrace_options[$word]} ]]; then
		command=$word
		first=2
	fi
	_herdtrace_walk "$first"
	if [[ -n $server ]]; then
		_herdtrace_command "$server"
	elif [[ -n $option ]]; then
		# shellcheck disable=SC2086 # a list of words
		_herdtrace_value ${_herdtrace_arguments[$command $option]}
	elif [[ $cur == -* && -z $ended ]]; then
		_herdtrace_value words "${_herdtrace_options[$command]}"
	elif ((COMP_CWORD == 1)) && [[ $cur != */* ]]; then
		_herdtrace_value words "${!_herdtrace_options[@]}"
	elif [[ ${_herdtrace_operands[$command]} == command ]]; then
		_herdtrace_command "$COMP_CWORD"
	else
		# shellcheck disable=SC2086 # a list of words
		_herdtrace_value ${_herdtrace_operands[$command]}
	fi
}

complete -F _herdtrace herdtrace
