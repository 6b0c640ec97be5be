# shellcheck shell=bash
# shellcheck disable=SC2154 # run sets here and work
# The guest's first files: busybox, guest-init and the modules that reach the host's root.
# To be sourced.

# 9p over virtio for the root, the virtio console for the output, and the overlay.
readonly boot_modules=(virtio_pci virtio_console 9pnet_virtio 9p overlay)

# module_files MODULES RELEASE: files to insert, in order; nothing for what is built in. modprobe
# wants lib/modules/RELEASE below a root, which a link provides for any directory.
module_files() {
	local modules=$1 release=$2 root=$work/modroot name

	[ -d "$modules" ] || return 0
	mkdir -p "$root/lib/modules"
	ln -sfn "$modules" "$root/lib/modules/$release"
	[ -e "$modules/modules.dep.bin" ] || depmod -b "$root" "$release" ||
		die "$modules: depmod failed"
	for name in "${boot_modules[@]}"; do
		modprobe -d "$root" -S "$release" --show-depends "$name" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# Without one of them the guest could not start, and would say little. Of a kernel without modules nobody knows before.
check_modules() {
	local name missing=''

	[ -d "$1" ] || return 0
	for name in "${boot_modules[@]}"; do
		modprobe -d "$work/modroot" -S "$2" --show-depends "$name" >/dev/null 2>&1 || missing+=" $name"
	done
	[ -z "$missing" ] || die "kernel $2 has no$missing (README.md says what a kernel needs)"
}

unpack_module() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dqc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}

# One that names an interpreter needs libraries, which the initramfs has not.
static_busybox() {
	local busybox

	busybox=$(command -v busybox)
	! grep -qa /ld-linux "$busybox" || die "$busybox is not static (tools/setup vm installs one)"
	echo "$busybox"
}

# pack BUSYBOX MODULE...: builds the archive, to stdout. The modules' names carry their order.
pack() {
	local tree=$work/initramfs number=100 file

	mkdir -p "$tree/bin" "$tree/modules"
	cp "$1" "$tree/bin/busybox"
	cp "$here/guest-init" "$tree/init"
	chmod 755 "$tree/init" "$tree/bin/busybox"
	shift
	for file; do
		((number += 1))
		unpack_module "$file" >"$tree/modules/$number.ko" || return
	done
	(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1
}

# initramfs MODULES RELEASE: its path in the cache, named after all that goes into it.
initramfs() {
	local busybox files hash dir path draft

	busybox=$(static_busybox) || exit 125
	mapfile -t files < <(module_files "$1" "$2")
	check_modules "$1" "$2"
	hash=$(cat "$here/guest-init" "$busybox" "${files[@]}" | sha256sum | head -c 12)
	dir=$(cache_root)/boot
	path=$dir/initramfs-$2-$hash
	if [ ! -e "$path" ]; then
		mkdir -p "$dir" && draft=$(mktemp "$dir/.draft-XXXXXX") || exit 125
		pack "$busybox" "${files[@]}" >"$draft" || die "cannot build the initramfs"
		publish "$draft" "$path"
		drop_stale
	fi
	touch "$path" # drop_stale goes by this
	echo "$path"
}
