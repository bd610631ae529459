/* guard.c - runs the paths; a clock that stands still and randomness that is none. See guard.h.
 *
 * clock_gettime and getrandom are defined here, so every library of the program gets these: timers
 * fire in the same turn in each run, and no run pays for a longer number than another.
 */
#include "config.h"

#include "guard.h"

#include "base/mem.h"

#include <json-c/linkhash.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WARM  3
#define BEGUN 1795600000 /* Unix seconds of the first reading */

static uint64_t now_ms = BEGUN * UINT64_C(1000);
static char folder[64];

int clock_gettime(clockid_t id, struct timespec *t) {
    (void)id;
    *t = (struct timespec){(time_t)(now_ms / 1000), (long)(now_ms % 1000) * 1000000};
    return 0;
}

ssize_t getrandom(void *out, size_t len, unsigned flags) {
    static uint64_t state = 88172645463325252u; /* xorshift64 */
    (void)flags;
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((unsigned char *)out)[i] = (unsigned char)(state >> 32);
    }
    return (ssize_t)len;
}

void guard_later(unsigned ms) {
    now_ms += ms;
}

const char *guard_folder(void) {
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    char name[96];
    if (*folder)
        return folder;
    strcpy(folder, "/tmp/maitred-guard.XXXXXX");
    require(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/k.hs256", folder);
    FILE *f = fopen(name, "w");
    require(f && fwrite(secret, 1, 32, f) == 32 && fclose(f) == 0);
    chmod(name, 0600);
    return folder;
}

void guard_folder_remove(void) {
    char name[400];
    DIR *d = opendir(folder);
    require(d);
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        snprintf(name, sizeof name, "%s/%s", folder, f->d_name);
        unlink(name);
    }
    closedir(d);
    rmdir(folder);
}

void guard_paths(const struct path *paths) {
    json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE); /* the other has a random seed */
    for (const struct path *p = paths; p->name; p++) {
        if (p->prepare)
            p->prepare();
        for (int i = 0; i < WARM; i++)
            p->run();
        CALLGRIND_ZERO_STATS;
        for (int i = 0; i < GUARD_RUNS; i++)
            p->run();
        CALLGRIND_DUMP_STATS_AT(p->name);
        printf("path %s %u\n", p->name, p->messages * GUARD_RUNS);
        if (p->end)
            p->end();
    }
}
