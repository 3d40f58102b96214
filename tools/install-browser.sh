#!/bin/bash
# Install what the tests of pages and papers look at them with, where it is missing and this machine installs packages
# as Debian does: Chromium and a Chinese font, LibreOffice for workbooks and texts, poppler for PDF.
set -euo pipefail

declare -A provided=(
  [chromium]=chromium [soffice]="libreoffice-calc libreoffice-writer" [pdftotext]=poppler-utils
)
wanted=()
for command in "${!provided[@]}"; do
  command -v "$command" >/dev/null || wanted+=(${provided[$command]})
done
# A font is looked for among the files: fc-list may be missing too.
if ! compgen -G '/usr/share/fonts/truetype/wqy/*' >/dev/null; then
  wanted+=(fonts-wqy-microhei)
fi
if [ "${#wanted[@]}" -eq 0 ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "Missing: ${wanted[*]}, and no apt-get to install them: the tests that need them are skipped." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo -n)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  -o Dpkg::Options::=--force-confold "${wanted[@]}" >/dev/null
