# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: sees to what they need on Debian and its kin, and says what it does.

# Says what is wrong, on standard error, and ends the script.
fail() {
  local status=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$status"
}

# A package missing on purpose (POOLBENCH_PRETEND_MISSING) is for trying this out.
is_installed() {
  case " ${POOLBENCH_PRETEND_MISSING-} " in *" $1 "*) return 1 ;; esac
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need_packages PACKAGE...: installs the Debian packages among them that are missing.
need_packages() {
  local package log missing=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Nothing to ask; the build says what it does not find.
    printf '%s: this is no Debian system; what is needed is what Debian calls: %s\n' "${0##*/}" "$*" >&2
    return
  fi
  for package; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail 69 "missing: ${missing[*]}; install them as root: apt-get install ${missing[*]}"
  fi
  printf '%s: installing %s\n' "${0##*/}" "${missing[*]}" >&2
  log=$(mktemp)
  # The lists may be missing or old: they are fetched only if the packages can't be had without.
  if ! install_packages "${missing[@]}" >"$log" 2>&1 &&
    ! { as_root apt-get update && install_packages "${missing[@]}"; } >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail 69 "could not install ${missing[*]}"
  fi
  rm -f "$log"
}

install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# need_swift MAJOR.MINOR: the Swift toolchain is there and no older.
need_swift() {
  local wanted=$1 found
  command -v swift >/dev/null ||
    fail 69 "swift is not on the PATH; poolbench needs Swift $wanted or later: https://www.swift.org/install/linux"
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
  [ -n "$found" ] || fail 69 "'swift --version' does not work here; is a package of the toolchain missing?"
  [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
    fail 69 "this is Swift $found; poolbench needs $wanted or later: https://www.swift.org/install/linux"
}

# What the toolchain links with, what fetches the dependencies, and the allocators that are measured.
build_packages=(g++ libc6-dev git ca-certificates libjemalloc-dev libgoogle-perftools-dev)
swift_version=6.2
