# shellcheck shell=bash
# shellcheck disable=SC2154 # the caller sets program
# A private apt root: packages of another suite, from this machine's own mirror, checked against
# Debian's keyring, without touching the machine's apt state. To be sourced.

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror LABEL SUITES: where this machine's apt gets Debian's archive of that label; nothing if it
# does not. Labels are known only after an `apt-get update`; before that it is the first archive with
# a suite whose name matches. A wrong guess is harmless: the signature check refuses it.
mirror() {
	local uri

	# shellcheck disable=SC2016 # apt's own syntax
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		"Label: $1" | head -n 1)
	[ -n "$uri" ] || uri=$(apt-get --print-uris update |
		sed -n "s|^'\(.*\)/dists/$2/InRelease'.*|\1|p" | head -n 1)
	echo "$uri"
}

# sources SUITE SECURITY: the lines of a sources.list, with the security updates if SECURITY is yes
# and the suite has some. HERDTRACE_MIRROR names a mirror other than the machine's own.
sources() {
	local suite=$1 main=${HERDTRACE_MIRROR:-} security=''

	[ -n "$main" ] || main=$(mirror Debian '[a-z]*')
	[ -n "$main" ] || die "this machine's apt configuration names no Debian mirror;" \
		"set HERDTRACE_MIRROR to one"
	echo "deb [signed-by=$keyring] $main $suite main"
	case $2-$suite in
	yes-bullseye | yes-bookworm | yes-trixie) security=$(mirror Debian-Security '[a-z]*-security') ;;
	esac
	[ -z "$security" ] || echo "deb [signed-by=$keyring] $security $suite-security main"
}

# apt_init DIR: makes the private root. The settings are a file rather than options because only a
# file can clear the machine's hooks, which would otherwise run after every update.
apt_init() {
	local root=$1

	[ -r "$keyring" ] || die "$keyring is missing (install debian-archive-keyring)"
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	: >"$root/status"
	cat >"$root/apt.conf" <<-CONF
		#clear APT::Update;
		#clear DPkg;
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
		Dir::Etc::SourceList "$root/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State::Lists "$root/lists";
		Dir::State::Status "$root/status";
		Dir::Cache "$root/cache";
	CONF
}

# apt_update DIR SUITE SECURITY: false, with apt's own reason shown, if the suite cannot be had or
# trusted. Without Error-Mode apt-get calls a failed download a success.
apt_update() {
	local root=$1 suite=$2 log=$1/update.log

	sources "$suite" "$3" >"$root/sources.list" || exit 125
	if apt-get -c "$root/apt.conf" -o APT::Update::Error-Mode=any -q update >"$log" 2>&1; then
		return 0
	fi
	grep '^[EW]:' "$log" >&2
	! grep -q NO_PUBKEY "$log" ||
		echo "$program: $suite is signed with a key that this machine's" \
			"debian-archive-keyring lacks; upgrade that package" >&2
	return 1
}

apt_has_security() {
	grep -q -e '-security main$' "$1/sources.list"
}

# apt_depends DIR PACKAGE: the names it depends on, one per line.
apt_depends() {
	apt-cache -c "$1/apt.conf" depends --no-pre-depends --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "$2" 2>/dev/null |
		sed -n 's/^ [ |]Depends: //p'
}

apt_names() {
	apt-cache -c "$1/apt.conf" pkgnames "$2"
}

# apt_download DIR PACKAGE...: the .deb files, into the current directory.
apt_download() {
	local root=$1
	shift
	apt-get -c "$root/apt.conf" -q download "$@"
}
