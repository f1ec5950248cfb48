#!/bin/sh
# Installs the Debian packages of a list that are missing; does nothing when all are there.
# Usage: test/install.sh LIST
set -eu
missing=$(sed 's/#.*//' "$1" | while read -r package; do
	[ -z "$package" ] || dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
done)
[ -n "$missing" ] || exit 0
echo "installing:" $missing
if [ "$(id -u)" != 0 ]; then
	echo "run this as root once: apt-get install" $missing >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends $missing
