# shellcheck shell=bash
# What the harness has to know of a kernel image, and the form QEMU starts fastest. To be sourced.

# The fields of a bzImage's header, by their offsets in Linux's Documentation/arch/x86/boot.rst.
readonly bz_setup_sects=0x1f1 bz_magic=0x202 bz_version=0x20e bz_payload_offset=0x248 \
	bz_payload_length=0x24c

# number FILE OFFSET BYTES: an unsigned little-endian number.
number() {
	od -An -t"u$3" -j"$(($2))" -N"$3" "$1" | tr -d ' '
}

# bytes FILE OFFSET COUNT
bytes() {
	dd if="$1" iflag=skip_bytes,count_bytes skip="$(($2))" count="$3" bs=64K status=none
}

# The release is written in the image itself, so no name has to be trusted.
kernel_release() {
	local image=$1 text

	[ "$(bytes "$image" "$bz_magic" 4)" = HdrS ] || die "$image: not an x86 kernel image"
	text=$(bytes "$image" $(($(number "$image" "$bz_version" 2) + 0x200)) 256 | tr '\0' '\n' | head -n 1)
	echo "${text%% *}"
}

# unpack_payload IMAGE: the compressed ELF kernel inside, to stdout. The payload ends with four bytes
# for its unpacked size, which xz and zstd would take for garbage; with gzip they are its own end.
unpack_payload() {
	local image=$1 offset length

	offset=$((($(number "$image" "$bz_setup_sects" 1) + 1) * 512 + $(number "$image" "$bz_payload_offset" 4)))
	length=$(number "$image" "$bz_payload_length" 4)
	case $(bytes "$image" "$offset" 4 | od -An -tx1 | tr -d ' ') in
	fd377a58) bytes "$image" "$offset" $((length - 4)) | xz -dc ;;
	28b52ffd) bytes "$image" "$offset" $((length - 4)) | zstd -dqc ;;
	1f8b*) bytes "$image" "$offset" "$length" | gzip -dc ;;
	*) return 1 ;;
	esac
}

# An ELF note of owner "Xen" and type 18 holds the entry point that QEMU can jump to directly.
has_pvh_entry() {
	LC_ALL=C grep -qaP '\x04\0\0\0[\x04\x08]\0\0\0\x12\0\0\0Xen\0' "$1"
}

# direct_kernel IMAGE RELEASE: the image to hand to QEMU. Where the kernel allows it (PVH) that is
# the unpacked kernel, made once: unpacking itself takes an emulated guest several seconds.
direct_kernel() {
	local image=$1 dir unpacked draft

	dir=$(cache_root)/boot
	unpacked=$dir/vmlinux-$2-$(sha256sum "$image" | head -c 12)
	if [ ! -e "$unpacked" ]; then
		mkdir -p "$dir" && draft=$(mktemp "$dir/.draft-XXXXXX") || exit 125
		if ! unpack_payload "$image" >"$draft" 2>/dev/null || ! has_pvh_entry "$draft"; then
			rm -f "$draft"
			echo "$image"
			return
		fi
		publish "$draft" "$unpacked"
	fi
	touch "$unpacked" # drop_stale goes by this
	echo "$unpacked"
}

# What has not been booted for a month goes: every build of a kernel leaves its files here.
drop_stale() {
	find "$(cache_root)/boot" -type f -mtime +30 -delete
}
