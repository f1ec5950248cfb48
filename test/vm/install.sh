#!/bin/sh
# Installs what the VM test needs: a kernel, the DAHDI drivers built for it, the emulator and the
# parts of the guest's root. To be run as root on Debian 12; a second run costs a second or two.
set -eu

packages="linux-image-amd64 linux-headers-amd64 dahdi-dkms dahdi busybox-static cpio qemu-system-x86 gcc libc6-dev libpri-dev"

missing=""
for p in $packages; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $p"
done

if [ -n "$missing" ]; then
	[ "$(id -u)" = 0 ] || { echo "test/vm/install.sh: run me as root, these packages are missing:$missing" >&2; exit 1; }
	echo "installing:$missing (about 700 MB; the DAHDI drivers are compiled on the way, some minutes)"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update
	# shellcheck disable=SC2086 # the list is meant to fall into words
	apt-get install -y --no-install-recommends $missing
fi

# The drivers must exist for a kernel of which we also have the image.
for image in $(ls /boot/vmlinuz-* 2>/dev/null | sort -Vr); do
	release=${image#/boot/vmlinuz-}
	if [ -z "$(find "/lib/modules/$release" -name 'dahdi.ko*' 2>/dev/null)" ]; then
		[ "$(id -u)" = 0 ] || continue
		echo "compiling the DAHDI drivers for $release"
		dkms autoinstall -k "$release" || continue
	fi
	if [ -n "$(find "/lib/modules/$release" -name 'dahdi_dynamic_loc.ko*')" ]; then
		echo "ready: kernel $release with the DAHDI drivers"
		exit 0
	fi
done
echo "test/vm/install.sh: no kernel in /boot has the DAHDI drivers; see /var/lib/dkms/dahdi/*/build/make.log" >&2
exit 1
