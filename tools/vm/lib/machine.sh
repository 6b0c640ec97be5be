# shellcheck shell=bash
# shellcheck disable=SC2154 # run sets work, shares, qemu_program and the options
# The virtual machine: its command line, its start and its end. To be sourced.

# QEMU's option values end at a comma, unless it is doubled.
value() {
	echo "${1//,/,,}"
}

# add_9p TAG DIRECTORY OPTIONS. multidevs: the host's root may span several file systems.
add_9p() {
	qemu+=(-fsdev "local,id=$1,path=$(value "$2"),security_model=none,multidevs=remap$3"
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

# A file takes whatever comes at once, so a slow reader of ours never holds up or loses the guest's
# output.
add_port() {
	qemu+=(-chardev "file,id=$1,path=$(value "$work/$1")"
		-device "virtserialport,chardev=$1,name=$1")
}

# machine_args IMAGE INITRAMFS: sets qemu.
# A panic ends the machine (panic=-1 with -no-reboot), and an oops is a panic: whatever the command
# says afterwards, a kernel that stumbled has failed. No address randomisation and no mitigations,
# for repeatable and faster runs.
machine_args() {
	local image=$1 initramfs=$2 number=0 item

	qemu=("$qemu_program" -machine q35 "${accel_args[@]}" -smp "$cpus" -m "$mem"
		-nodefaults -no-user-config -display none -no-reboot
		-kernel "$image" -initrd "$initramfs"
		-append "console=ttyS0 loglevel=4 panic=-1 oops=panic mitigations=off nokaslr tsc=reliable random.trust_cpu=on $append"
		-chardev "file,id=console,path=$(value "$work/console")" -serial chardev:console
		-device virtio-serial-pci)
	for item in out err status; do
		: >"$work/$item"
		add_port "$item"
	done
	add_9p root / ,readonly=on
	add_9p job "$work/job" ,readonly=on
	for item in "${shares[@]}"; do
		add_9p "share$((number += 1))" "$item" ''
	done
}

# start_machine: QEMU holds the only writing end of $alive: its end of file is QEMU's end, however it
# comes. QEMU in turn never outlives this script.
start_machine() {
	: >"$work/console"
	exec {alive}< <(exec setpriv --pdeathsig KILL "${qemu[@]}" </dev/null 2>"$work/qemu.log")
	qemu_pid=$!
}

# follow FILE: copies what arrives in it to stdout, to the last byte, until QEMU has ended.
follow() {
	tail -c +1 -f -s 0.05 --pid="$qemu_pid" "$work/$1" 2>/dev/null &
	followers+=($!)
}

# machine_ends SECONDS: false if it still runs by then. A closed pipe reads as 1, a time-out as more.
machine_ends() {
	local rest
	read -r -t "$1" -u "$alive" rest
	[ $? -eq 1 ]
}

stop_machine() {
	[ -n "${qemu_pid:-}" ] || return 0
	kill -KILL "$qemu_pid" 2>/dev/null
	wait "$qemu_pid" "${followers[@]}" 2>/dev/null
	exec {alive}<&-
	qemu_pid=''
}
