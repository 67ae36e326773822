#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the packages capmond and capmon, and the release tarball, in build/packages:
#   build.sh [--revision N] [--output DIRECTORY] [KIND...]      kinds: deb rpm tarball krew
# Without a kind it makes deb, tarball and krew, and rpm where rpmbuild is installed. The version is that of
# CMakeLists.txt, the revision that of deploy/packages/changelog. Debug information is put beside the
# packages, in debug/, and checksums of everything into SHA256SUMS. CAPMON_BUILD=DIRECTORY packs what was
# built there instead of building. From any directory; needs no root.
set -euo pipefail
built=${CAPMON_BUILD:+$(realpath "$CAPMON_BUILD")}
started_in=$PWD
cd -P "$(dirname "$0")/../.."
here=$PWD/deploy/packages
output=$PWD/build/packages
changelog=$here/changelog
revision=$(sed -nE '1s/.*\([^-]*-(.*)\).*/\1/p' "$changelog")

usage() {
  sed -n '3,5s/^# //p' "$here/build.sh" >&2
  exit 2
}
kinds=()
given_revision=$revision
while (($# > 0)); do
  case $1 in
    --revision) given_revision=${2:?--revision: which?} && shift ;;
    --output) output=$(cd "$started_in" && realpath -m "${2:?--output: which directory?}") && shift ;;
    deb | rpm | tarball | krew) kinds+=("$1") ;;
    *) usage ;;
  esac
  shift
done
if ((${#kinds[@]} == 0)); then
  kinds=(deb tarball krew)
  if command -v rpmbuild >/dev/null; then kinds+=(rpm); else echo "no rpm: rpmbuild is not installed"; fi
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
logs=$scratch
. deploy/steps.sh
mkdir -p "$output"
[[ -n $built ]] || {
  built=$output/build
  step build "Building capmon (minutes the first time)" \
    configure_and_build release "$built" -DCAPMON_TESTS=OFF
}
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$built/CMakeCache.txt")
architecture=$(dpkg --print-architecture 2>/dev/null || uname -m)
[[ -s $built/docs/man/capmond.8 ]] || fail "There are no man pages: scdoc is missing where capmon was built."

# The same changelog makes the same package: times are those of its last entry.
written_by=$(sed -n 's/^ -- \(.*\)  .*/\1/p' "$changelog" | head -n 1)
date=$(sed -n 's/^ -- .*  //p' "$changelog" | head -n 1)
if [[ $given_revision != "$revision" ]]; then
  date=$(LC_ALL=C date -R -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}")
  printf 'capmon (%s-%s) unstable; urgency=medium\n\n  * Built again.\n\n -- %s  %s\n\n' \
    "$version" "$given_revision" "$written_by" "$date" | cat - "$changelog" >"$scratch/changelog"
  changelog=$scratch/changelog
  revision=$given_revision
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date -d "$date" +%s)}
export SOURCE_DATE_EPOCH

# In what `step` runs, only the last command of a list can fail: hence the && below.

# pack GENERATOR SUFFIX: the packages go from CPack's directory to $output.
pack() {
  cpack --config "$built/CPackConfig.cmake" -G "$1" -B "$scratch/$1" \
    -D "CPACK_CAPMON_CHANGELOG=$changelog" -D "CPACK_DEBIAN_PACKAGE_RELEASE=$revision" \
    -D "CPACK_RPM_PACKAGE_RELEASE=$revision" &&
    mv "$scratch/$1"/*."$2" "$output/"
}

# Debug information by the same rule as the packages' programs, which name it by its checksum.
debug() {
  rm -rf "$output/debug" &&
    DESTDIR=$scratch/debug cmake --install "$built" --prefix /usr --component debug &&
    mkdir "$output/debug" &&
    mv "$scratch"/debug/usr/bin/.debug/* "$output/debug/"
}

# pack_directory DIRECTORY ARCHIVE: the same files make the same archive.
pack_directory() {
  tar --create --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" \
    --directory "$1" . | gzip -9n >"$2"
}

# The plugin of kubectl and its manifest for krew; $CAPMON_RELEASE_URL is where the archive will be.
krew() {
  local name=kubectl-capmon-$version plugin=$scratch/plugin sum
  mkdir "$plugin" &&
    cp "$here/../kubectl/kubectl-capmon" "$here/../../LICENSE" "$plugin/" &&
    pack_directory "$plugin" "$output/$name.tar.gz" &&
    sum=$(sha256sum <"$output/$name.tar.gz") &&
    sed -e '/^# Manifest/,/^#     --archive/d' -e "s|^\( *sha256: \).*|\1\"${sum%% *}\"|" \
      -e "s|^\( *version: v\).*|\1$version|" \
      -e "s|^\( *uri: \).*|\1${CAPMON_RELEASE_URL:-https://capmon.example/v$version}/$name.tar.gz|" \
      "$here/../kubectl/capmon.yaml" >"$output/$name.yaml"
}

tarball() {
  local name=capmon-$version-linux-$architecture
  DESTDIR=$scratch/$name cmake --install "$built" --prefix /usr/local &&
    "$here/sbom.py" "$version" "$built" "$scratch/$name" >"$output/$name.spdx.json" &&
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
      --directory "$scratch" "$name" | gzip -9n >"$output/$name.tar.gz"
}

for kind in "${kinds[@]}"; do
  case $kind in
    deb) step deb "Making capmond.deb and capmon.deb" pack DEB deb ;;
    rpm) step rpm "Making capmond.rpm and capmon.rpm" pack RPM rpm ;;
    krew) step krew "Making the plugin of kubectl and its manifest for krew" krew ;;
    tarball) step tarball "Making the tarball and its bill of materials" tarball ;;
  esac
done
step debug "Putting debug information beside them" debug
(cd "$output" && find . -maxdepth 1 -type f \( -name '*.deb' -o -name '*.rpm' -o -name 'capmon-*' -o -name 'kubectl-*' \) -printf '%P\n' |
  LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
give_to_owner "$output"
say "  They are in $output:"
sed 's/^/    /' "$output/SHA256SUMS"
