/* main.c - any of the REST programs: Makefile.am says which (PROGRAM is its name). */
#include "config.h"

#include "server.h"

int main(int argc, char **argv) {
    return server_main(argc, argv, PROGRAM);
}
