/* unit.h - what every unit test includes before anything else: cmocka and what it asks for.
 * Each test program is one file test_*.c and prints TAP; run.sh runs them all. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
