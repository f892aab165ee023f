#!/bin/sh
# Removes what install.sh put there. Projects, settings and plugins stay.
set -eu
prefix=${PREFIX:-$HOME/.local}
rm -f "$prefix/bin/genstudio" "$prefix/share/applications/genstudio.desktop" "$prefix/share/mime/packages/genstudio.xml"
rm -f "$prefix"/share/icons/hicolor/*/apps/genstudio.png "$prefix/share/icons/hicolor/scalable/apps/genstudio.svg"
if command -v update-mime-database > /dev/null && [ -d "$prefix/share/mime" ]; then
    update-mime-database "$prefix/share/mime" || true
fi
rm -rf "$prefix/lib/genstudio"
echo "GenStudio is removed. Your projects are where they were."
