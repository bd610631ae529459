#!/bin/bash
# run.sh [NAME] - the import suite: the maitred tool on a private cluster. Prints TAP.
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../cli/lib/run.sh"
tool_suite "$here" "$@"
