#!/bin/bash
# run.sh - holds the tree to docs/architecture.md: which room may include which, who may use which
# library, no file over 500 lines, no function over 80. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0
report() { # report NAME LINES : ok when there are none
    if [ -z "$2" ]; then echo "ok - $1"; else echo "not ok - $1"; sed 's/^/#   /' <<<"$2"; status=1; fi
}
sources() { git ls-files -co --exclude-standard -- "$@"; }

# room -> the rooms that its files may include from (arrows point down only)
allowed() {
    case $1 in
    shared/base) echo base ;;
    shared/access) echo base access ;;
    shared/data) echo base access data ;;
    rest) echo base access data rest ;;
    cli) echo base access data cli ;;
    realtime/core) echo base access data core server ;;
    realtime/link) echo base access data core link server endpoints ;;
    realtime/proto) echo base access data core proto server link/http link/engineio ;;
    realtime) echo base access data core link proto server endpoints status takeover asyncapi asyncapi_inner ;;
    esac
}
for room in shared/base shared/access shared/data rest cli realtime/core realtime/link realtime/proto realtime; do
    bad=
    for file in $(sources "$room/*.[ch]" | grep -E "^$room/[^/]+$"); do
        while read -r inc; do
            case $inc in */*) from=${inc%%/*} ;; *) from=${inc%.h} ;; esac
            [ "$inc" = config.h ] && continue
            case $inc in */*) ;; *) [ -e "$(dirname "$file")/$inc" ] && [ "$room" != realtime ] && continue ;; esac
            case " $(allowed "$room") " in *" $from "*|*" ${inc%.h} "*) ;; *) bad+="$file includes $inc"$'\n' ;; esac
        done < <(sed -nE 's/^#include "([^"]+)".*/\1/p' "$file")
    done
    report "$room includes only what lies below it" "${bad%$'\n'}"
done

# library header -> the only files that may include it
while read -r header where; do
    bad=$(sources '*.c' '*.h' | grep -v ^tests/ | xargs grep -lE "^#include <$header>" 2>/dev/null | grep -vE "^($where)$")
    report "<$header> is used in one room" "$bad"
done <<'TABLE'
json-c/.* shared/base/json[a-z_]*\.c
json\.h shared/base/json[a-z_]*\.c
jwt\.h shared/access/auth[a-z_]*\.c
crypt\.h shared/access/password\.c
openssl/.* shared/access/[a-z_]+\.c|realtime/link/handshake\.c
libpq-fe\.h shared/data/[a-z_]+\.[ch]|cli/[a-z_]+\.[ch]
fcgiapp\.h rest/[a-z_]+\.[ch]
fcgi_stdio\.h none
microhttpd\.h realtime/link/http[a-z_]*\.[ch]
wslay/wslay\.h realtime/link/ws[a-z_]*\.[ch]
csv\.h cli/[a-z_]+\.c
jansson\.h none
TABLE
# pages: the room of each file and of what it imports from another
allowed_pages() { case $1 in lib) echo lib ;; ui) echo ui lib strings vendor ;; strings) echo strings ;; *) echo "$1" ui lib vendor ;; esac; }
report "pages, ui and lib import only what lies below them" "$(sources 'www/*.js' | xargs grep -oE "(from|import) ?\\(?[\"\`']\.\./[^\"\`']+" | while IFS=: read -r file import; do
    room=${file#www/} room=${room%%/*} target=${import#*../} target=${target#../} target=${target%%/*}
    case " $(allowed_pages "$room") " in *" $target "*) ;; *.js*) ;; *) [ -f "${file%/*}/../$target" ] || echo "$file imports $target" ;; esac
done)"
report "no SQL in C but calls of functions" "$(sources 'rest/*.c' 'realtime/*.c' | xargs grep -nEi '"[^"]*\b(insert into|update [a-z_.]+ set|delete from|select [^"]* from (maitred|feed)\.)' 2>/dev/null)"
report "no file over 500 lines" "$(sources '*.c' '*.h' '*.sql' 'www/*.js' 'www/*.css' '*.mjs' '*.sh' | xargs wc -l | awk '$2 != "total" && $1 > 500 {print $2 ": " $1}')"
report "no function over 80 lines" "$(sources '*.c' | ctags -x --kinds-C=f --fields=+ne --_xformat='%{end} %n %N %F' -L - 2>/dev/null | awk '$1 > 0 && $1 - $2 > 80 {print $4 ":" $3 ": " $1 - $2}')"
keys() { sed -nE "$1" "$2" | sort; }
report "maitred.conf(5) lists every setting, and no other" "$(diff \
    <(keys 's/^    \{"([a-z_]+)", CONFIG_.*/\1/p' shared/access/settings.c) \
    <(keys 's/^\.It Cm ([a-z_]+) Ar .*/\1/p' docs/man/maitred.conf.5))"
report "make install has every SQL file and page" "$(diff \
    <(sed -nE 's/^\t((sql|www)\/[^ ]+\.(sql|js|ts|css|html|svg))( \\)?$/\1/p' Makefile.am | sort) \
    <(sources 'sql/*' 'www/*' | grep -E '\.(sql|js|ts|css|html|svg)$' | sort))"
report "make dist has every test, document and sample" "$(for file in $(sources 'tests/*' 'docs/*' 'deploy/*' | grep -v '^docs/STATUS.md$'); do
    grep -qF -e "$file" -e "	${file%/*} \\" Makefile.am || echo "$file"
done)"
report "nothing unfinished is left" "$(sources '*.c' '*.h' '*.sql' '*.js' '*.mjs' '*.html' | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' 2>/dev/null)"
exit $status
