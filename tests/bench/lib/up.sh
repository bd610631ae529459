# up.sh - a house for the benchmarks of live channels, in which no cap is in their way, and their programs.
#
#   . tests/bench/lib/up.sh; bench_up NAME      as house_up of tests/lib/house.sh
. tests/lib/house.sh
bench_up() {
    MAITRED_SETTINGS="max_connections = 12000
max_per_account = 12000
max_per_venue = 12000
max_per_address = 12000" house_up "$1"
    export LOAD=$MAITRED_BUILD/tests/bench/load FLOOR=$MAITRED_BUILD/tests/bench/floor
}
