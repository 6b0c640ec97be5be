# Completion of herdtrace in fish. Made from the tables of its commands and options: do not change it here.
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

set -g __herdtrace_commands

# The word of the command before the one that is completed; "-": a trace.
function __herdtrace_command
    set -l words (commandline -opc)
    if contains -- "$words[2]" $__herdtrace_commands
        echo $words[2]
    else
        echo -
    end
end

# Where the server's command line begins; fails where it has not begun.
function __herdtrace_server
    set -l words (commandline -opc)
    set -l command (__herdtrace_command)
    set -l takers __herdtrace_takers_(string replace -- - '' $command)
    set -q $takers; or return 1
    set -l i 2
    test $command = -; or set i 3
    while test $i -le (count $words)
        switch $words[$i]
            case --
                echo (math $i + 1)
                return
            case '--*=*'
            case '--*'
                contains -- $words[$i] $$takers; and set i (math $i + 1)
            case '-*'
                for n in (seq 2 (string length -- $words[$i]))
                    set -l letter -(string sub -s $n -l 1 -- $words[$i])
                    contains -- $letter $$takers; or continue
                    test $n -lt (string length -- $words[$i]); or set i (math $i + 1)
                    break
                end
            case '*'
                echo $i
                return
        end
        set i (math $i + 1)
    end
    return 1
end

function __herdtrace_is -a command
    test (__herdtrace_command) = $command; and not __herdtrace_server >/dev/null
end

function __herdtrace_is_first
    test (count (commandline -opc)) -eq 1
end

# A command line may begin here, or has begun.
function __herdtrace_may_serve
    set -q __herdtrace_takers_(string replace -- - '' (__herdtrace_command)); or return 1
    __herdtrace_server >/dev/null; and return 0
    string match -q -- '-*' (commandline -ct); and return 1
    string match -q -- '*/*' (commandline -ct); or not __herdtrace_is_first
end

function __herdtrace_serve
    set -l words (commandline -opc)
    set -l where (__herdtrace_server; or math (count $words) + 1)
    set -l rest
    test $where -gt (count $words); or set rest (string escape -- $words[$where..-1])
    complete -C"$(string join ' ' -- $rest (commandline -ct))"
end

# All but the kernel's threads, which have no command line.
function __herdtrace_pids
    set -l before (string match -r '^.*,' -- (commandline -ct | string replace -r '^--?[a-z]+=?' ''))
    set -l directories (string match -r '^/proc/[0-9]+$' -- /proc/*)
    set -l files (grep -sl . $directories/cmdline | string replace cmdline comm)
    test -n "$files"; and grep -sH . $files | string replace -r '^/proc/(\d+)/comm:' "$before\$1"\t
end

function __herdtrace_units
    systemctl list-units --type=service --no-legend --plain 2>/dev/null | string replace -r '\.service.*' ''
end

function __herdtrace_cgroups
    for directory in /sys/fs/cgroup(commandline -ct | string replace -r '^--cgroup=' '')*/
        string replace /sys/fs/cgroup '' $directory
    end
end

complete -c herdtrace -f
complete -c herdtrace -n __herdtrace_may_serve -a '(__herdtrace_serve)'
@table@
