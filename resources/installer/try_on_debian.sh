#!/bin/sh
# The proof: on a bare Debian, with nothing of ours but the .deb, a person could install, use and remove the program.
# Usage (as root, with debootstrap): sh resources/installer/try_on_debian.sh DEB [FOLDER]
# FOLDER (default: build/debian) keeps the bare system between runs; every run works in a copy of it.
set -eu
deb=$(realpath "$1")
work=${2:-build/debian}
mkdir -p "$work"
work=$(realpath "$work")
here=$(cd "$(dirname "$0")/../.." && pwd)
bare=$work/bare root=$work/root

say() { echo "· $*"; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 OMP_NUM_THREADS=1 "$@"; }
clean() { for place in dev/shm dev/pts proc; do umount -l "$root/$place" 2> /dev/null || true; done; }
trap clean EXIT

if [ ! -f "$bare/etc/debian_version" ]; then
    say "making a bare Debian (bookworm, minbase)"
    rm -rf "$bare"
    /usr/sbin/debootstrap --variant=minbase bookworm "$bare" > "$work/debootstrap.log" 2>&1
fi
clean
rm -rf "$root"
cp -a "$bare" "$root"
mount -t proc proc "$root/proc" 2> /dev/null || say "no /proc can be mounted here"
mount -t tmpfs tmpfs "$root/dev/shm" 2> /dev/null || say "no /dev/shm can be mounted here"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/*; do cp "$file" "$root/etc/apt/apt.conf.d/" 2> /dev/null || true; done
# The same mirror as this machine's, where that is a Debian as well.
if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$root/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
fi
[ -d /etc/ssl/certs ] && mkdir -p "$root/etc/ssl" && cp -rL /etc/ssl/certs "$root/etc/ssl/" 2> /dev/null || true

say "apt installs the package"
cp "$deb" "$root/root/genstudio.deb"
inside sh -c 'command -v python3' && { echo "there is a Python in the bare system"; exit 1; }
inside apt-get update -qq
inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /root/genstudio.deb > "$work/apt.log" 2>&1
say "apt took along: $(grep -c '^Setting up' "$work/apt.log") packages"
inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends xvfb xauth fonts-dejavu-core x11-utils imagemagick > "$work/apt-xvfb.log" 2>&1

say "families without a display, and a window under Xvfb"
inside genstudio families
mkdir -p "$root/root/.local/share/GenStudio/plugins"
cp -r "$here/tests/plugins/eigenpictures" "$here/tests/plugins/raises_on_import.py" "$root/root/.local/share/GenStudio/plugins/"
inside genstudio plugins
mkdir -p "$root/root/trial"
cp -r "$root/root/.local/share/GenStudio/plugins" "$root/root/trial/plugins"
inside env GENSTUDIO_HOME=/root/trial xvfb-run -a genstudio selftest --folder /root/selftest

say "a run is killed and goes on"
python3 -c "import sys; sys.path.insert(0, '$here'); from pathlib import Path; from resources.installer.pictures import write_pictures; write_pictures(Path('$root/root/pictures'))"
inside sh -c '
    genstudio train vae --project /root/work --data /root/pictures --size 16 --name Cut --images 10000000 --set batch_size=8 > /root/train.log 2>&1 &
    training=$!
    for second in $(seq 300); do
        sleep 1
        ls /root/work/runs/*/checkpoints/*.safetensors > /dev/null 2>&1 && break
    done
    kill -9 $training
'
inside genstudio runs --project /root/work
seen=$(ls "$root"/root/work/runs/*/checkpoints/ | sort | tail -1 | sed 's/^0*\([0-9]*\)\..*/\1/')
inside genstudio resume Cut --project /root/work --images $((seen + 160))
inside genstudio sample Cut --project /root/work -n 4 --out /root/drawn
[ "$(ls "$root/root/drawn" | wc -l)" = 4 ]

say "the window is pictured, and ends when asked to"
inside xvfb-run -a -s "-screen 0 1280x800x24" sh -c '
    genstudio /root/work/project.gsproj & window=$!
    sleep 12
    import -window root /root/window.png
    kill -TERM $window
    wait $window
' || { echo "the window did not end well"; exit 1; }
cp "$root/root/window.png" "$work/window.png"

say "apt removes it; the project stays"
inside env DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq genstudio > "$work/purge.log" 2>&1
[ ! -e "$root/opt/genstudio" ] && [ ! -e "$root/usr/bin/genstudio" ] && [ ! -e "$root/usr/share/applications/genstudio.desktop" ]
[ -f "$root/root/work/project.gsproj" ]
say "all of it was seen working"
