#!/bin/bash
# install.sh SECTION... - installs what deploy/packages.txt lists and is missing; the npm packages too.
#
# Called by ./demo and ./check. Says what it installs; does nothing (and asks for no rights) when
# nothing is missing. Needs root or sudo only for apt.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

wanted() { # prints the missing packages of the named sections
    local section= package command
    while read -r package command; do
        case $package in ''|\#*) continue ;; *:) section=${package%:}; continue ;; esac
        case " $* " in *" $section "*) ;; *) continue ;; esac
        if [ -n "$command" ]; then command -v "$command" >/dev/null && continue; fi
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed && continue
        echo "$package"
    done <"$root/deploy/packages.txt"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else echo "these packages are missing and there is no sudo to install them: $missing" >&2; exit 1; fi
}

# Debian starts a service when its package is installed; ours are private, so its policy file says no
# for as long as apt runs, where the machine has none of its own.
apt_install() {
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod +x $policy
        made=1
    fi
    local status=0
    { as_root apt-get update -qq &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    } || status=$?
    if [ -n "$made" ]; then as_root rm -f $policy; fi
    return $status
}

missing=$(wanted "$@" | tr '\n' ' ')
if [ -n "${missing// /}" ]; then
    echo "installing: $missing"
    log=$(mktemp)
    if ! apt_install $missing >"$log" 2>&1; then
        tail -20 "$log" >&2
        echo "apt could not install them (the log: $log)" >&2
        exit 1
    fi
    rm -f "$log"
fi

# Only ./check needs the development packages. No package's own script is run: none that is used
# needs one, and one reports home.
omit=--omit=dev stamp=$root/node_modules/.maitred-stamp
case " $* " in *" check "*) omit= ;; *) cmp -s "$root/package-lock.json" "$stamp" || stamp+=-pages ;; esac
if ! cmp -s "$root/package-lock.json" "$stamp"; then
    echo "installing the npm packages of package-lock.json"
    (cd "$root" && npm ci $omit --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    cp "$root/package-lock.json" "$stamp"
fi
