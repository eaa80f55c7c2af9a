# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
# shellcheck shell=bash
#
# To be sourced: an apt of one's own, for another suite or architecture. As board/qemu-virt/fetch.sh does:
# the machine's own apt must not learn of either.

# Where the machine's own apt gets its packages from.
mirror() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk '$2 !~ /-/ && $3 == "main" { print $1; exit }'
}

# private_apt FOLDER ARCHITECTURE SUITE: apt-get and its like use it from here on, through APT_CONFIG.
private_apt() {
	local apt=$1 arch=$2 suite=$3 uri
	unset APT_CONFIG
	uri=$(mirror) && [ -n "$uri" ] || return 1
	rm -rf "$apt"
	mkdir -p "$apt"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} \
		"$apt"/state/lists/partial "$apt"/cache/archives/partial || return 1
	: >"$apt/state/status"
	cp /etc/apt/trusted.gpg.d/* /usr/share/keyrings/debian-archive-keyring.gpg \
		"$apt/etc/trusted.gpg.d" 2>/dev/null
	echo "deb [arch=$arch] $uri $suite main" >"$apt/etc/sources.list"
	{
		apt-config dump | grep -E '^Acquire::(https?|Retries|ForceIPv)'
		cat <<-END
			Dir::Etc "$apt/etc";
			Dir::Etc::parts "$apt/etc/apt.conf.d";
			Dir::State "$apt/state";
			Dir::State::status "$apt/state/status";
			Dir::Cache "$apt/cache";
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Sandbox::User "root";
			APT::Install-Recommends "false";
			Acquire::Languages "none";
			Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
			Acquire::Check-Valid-Until "false";
		END
	} >"$apt/apt.conf"
	export APT_CONFIG=$apt/apt.conf
	apt-get -qq update
}
