# shellcheck shell=bash
# shellcheck disable=SC2154 # run sets qemu_version, release and icount
# How QEMU is to run the guest's code. To be sourced.

# A /dev/kvm may be there and yet run no kernel. Whether it did is remembered per QEMU, host kernel
# and guest kernel; deleting the file, or HERDTRACE_KVM_RETRY=1, asks anew.
kvm_note() {
	echo "$(cache_root)/accel/qemu-$qemu_version-on-$(uname -r)-for-$release"
}

remember_kvm() {
	local note
	note=$(kvm_note)
	mkdir -p "${note%/*}"
	echo "$1" >"$note"
}

kvm_is_worth_a_try() {
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return
	[ -z "${HERDTRACE_KVM_RETRY:-}" ] || return 0
	[ "$(cat "$(kvm_note)" 2>/dev/null)" != broken ]
}

kvm_has_worked() {
	[ "$(cat "$(kvm_note)" 2>/dev/null)" = works ]
}

# Up to QEMU 9, emulation with one thread per CPU loses the kernel's changes to its own code (static
# keys, ftrace, every attach) between CPUs: int3 oopses and hangs. Measured bad on 7.2, good on 10.0.
tcg_threads() {
	if [ "${qemu_version%%.*}" -lt 10 ]; then echo single; else echo multi; fi
}

# With --icount each instruction is a nanosecond of the guest's time, and idle time passes at once: a count
# that does not depend on the host.
icount_args() {
	accel_args=(-accel "tcg,thread=single" -cpu max -icount "shift=0,sleep=off")
}

# accel_args kvm|tcg: sets accel_args.
# shellcheck disable=SC2034 # for machine_args
accel_args() {
	[ "$icount" = 0 ] || { icount_args && return; }
	case $1 in
	kvm) accel_args=(-accel kvm -cpu host) ;;
	tcg) accel_args=(-accel "tcg,thread=$(tcg_threads)" -cpu max) ;;
	*) die "--accel takes auto, kvm or tcg" ;;
	esac
}
