#!/bin/sh
# Puts GenStudio into your own folders; nothing needs an administrator. PREFIX (default: ~/.local) may be another one.
# Without installing: program/genstudio starts it from where it lies.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${PREFIX:-$HOME/.local}
target=$prefix/lib/genstudio
mkdir -p "$prefix/bin" "$prefix/share"
rm -rf "$target"
mkdir -p "$target"
cp -R "$here/program" "$here/uninstall.sh" "$target/"
ln -sf "$target/program/genstudio" "$prefix/bin/genstudio"
cp -R "$here/share/." "$prefix/share/"
entry=$prefix/share/applications/genstudio.desktop
sed "s|@COMMAND@|\"$target/program/genstudio\"|" "$entry" > "$entry.new"
mv "$entry.new" "$entry"
if command -v update-mime-database > /dev/null; then update-mime-database "$prefix/share/mime" || true; fi
if command -v update-desktop-database > /dev/null; then update-desktop-database "$prefix/share/applications" || true; fi
echo "Installed in $target. Start it from the menu, or with $prefix/bin/genstudio."
echo "To remove it: PREFIX=\"$prefix\" sh \"$target/uninstall.sh\" (projects, settings and plugins stay)"
