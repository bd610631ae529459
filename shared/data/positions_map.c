/* positions_map.c - makes, maps and replaces the positions page.
 *
 * The sidecar makes a new file at each start beside the path, PATH.PID. Putting it in place tells
 * the page that it replaces that it is dead, and renames; programs notice the other inode as soon
 * as their page is stale. An old mapping is kept for a minute, because another thread may be
 * reading it.
 */
#include <config.h>

#include "data/positions_map.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETIRED_KEEP_MS 60000
#define PATH_CAP        4096

struct mapping {
    struct page *page;
    dev_t dev;
    ino_t ino;
    uint64_t retired_ms;
    struct mapping *older;
};

struct positions {
    char *path;
    char *prepared; /* where the page lies while it is not in place; else NULL */
    int held;       /* the file, locked for as long as its maker lives; else -1 */
    _Atomic(struct mapping *) current;
    pthread_mutex_t remap;
};

struct page *positions_page(const struct positions *p) {
    struct mapping *m = p ? atomic_load(&p->current) : NULL;
    return m ? m->page : NULL;
}

void page_lock(struct page *page) {
    if (pthread_mutex_lock(&page->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&page->lock); /* each write below the lock is whole by itself */
}

static struct mapping *map_fd(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size != (off_t)sizeof(struct page))
        return NULL;
    void *at = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return NULL;
    struct mapping *m = x_new(struct mapping);
    *m = (struct mapping){.page = at, .dev = st.st_dev, .ino = st.st_ino};
    return m;
}

static void unmap(struct mapping *m) {
    munmap(m->page, sizeof *m->page);
    x_free(m);
}

/* Maps the finished page at `path`; NULL when there is none that we understand. */
static struct mapping *map_path(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct mapping *m = fd >= 0 ? map_fd(fd) : NULL;
    if (fd >= 0)
        close(fd);
    if (m && m->page->magic != PAGE_MAGIC) {
        unmap(m);
        return NULL;
    }
    return m;
}

static void page_init(struct page *page) {
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&page->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    page->magic = PAGE_MAGIC;
}

/* Room is taken now: a full disk must show here and not as a SIGBUS in the middle of a write. */
static struct mapping *make_file(const char *path, int *held, struct err *e) {
    unlink(path);
    int fd = *held = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660);
    int failed = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof(struct page));
    struct mapping *m = NULL;
    /* whatever the umask: the programs share the group */
    if (!failed &&
        (fchmod(fd, 0660) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || !(m = map_fd(fd))))
        failed = errno;
    if (m)
        return m;
    err_set(e, ERR_INVALID_REQUEST, "the positions page can't be made: %s", strerror(failed));
    if (fd >= 0)
        close(fd);
    unlink(path);
    return NULL;
}

static struct positions *positions_new(const char *path, struct mapping *m, int held) {
    struct positions *p = x_new(struct positions);
    p->path = x_strdup(path);
    p->held = held;
    pthread_mutex_init(&p->remap, NULL);
    atomic_store(&p->current, m);
    return p;
}

static bool is_file(const struct mapping *m, const struct stat *st) {
    return m && m->dev == st->st_dev && m->ino == st->st_ino;
}

static bool replaced(const struct mapping *m, const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && !is_file(m, &st);
}

static bool in_place(const struct positions *p) {
    struct stat st;
    return stat(p->path, &st) == 0 && is_file(atomic_load(&p->current), &st);
}

/* Programs that still have the old page must stop believing it at once. */
static void old_page_dies(const char *path) {
    struct mapping *old = map_path(path);
    if (!old)
        return;
    atomic_store(&old->page->live, PAGE_REPLACED);
    unmap(old);
}

static bool put_in_place(const char *prepared, const char *path) {
    old_page_dies(path);
    return rename(prepared, path) == 0;
}

static bool prepared_path(const char *path, long pid, char out[PATH_CAP]) {
    return snprintf(out, PATH_CAP, "%s.%ld", path, pid) < PATH_CAP;
}

/* Is it PATH.PID? */
static bool is_prepared(const char *file, const char *path) {
    size_t n = strlen(path);
    return strncmp(file, path, n) == 0 && file[n] == '.' && file[n + 1] &&
           strspn(file + n + 1, "0123456789") == strlen(file + n + 1);
}

/* Whoever was killed before its page was in place could not take it away; its lock went with it. */
static void sweep_orphans(const char *path) {
    char pattern[PATH_CAP];
    glob_t found;
    if (snprintf(pattern, sizeof pattern, "%s.*", path) >= PATH_CAP ||
        glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *file = found.gl_pathv[i];
        int fd = is_prepared(file, path) ? open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlink(file);
        if (fd >= 0)
            close(fd);
    }
    globfree(&found);
}

struct positions *positions_prepare(const char *path, struct err *e) {
    char fresh[PATH_CAP];
    sweep_orphans(path);
    if (!prepared_path(path, getpid(), fresh)) {
        err_set(e, ERR_INVALID_REQUEST, "the positions page's path is too long");
        return NULL;
    }
    int held;
    struct mapping *m = make_file(fresh, &held, e);
    if (!m)
        return NULL;
    page_init(m->page);
    struct positions *p = positions_new(path, m, held);
    p->prepared = x_strdup(fresh);
    return p;
}

bool positions_place(struct positions *p, struct err *e) {
    if (p->prepared && !in_place(p) && !put_in_place(p->prepared, p->path))
        return err_set(e, ERR_INVALID_REQUEST, "the positions page can't be put in place: %s",
                       strerror(errno));
    x_free(p->prepared);
    p->prepared = NULL;
    return true;
}

void positions_hand_over(const char *path, long pid) {
    char fresh[PATH_CAP];
    if (prepared_path(path, pid, fresh) && access(fresh, F_OK) == 0)
        put_in_place(fresh, path);
}

void positions_discard(const char *path, long pid) {
    char fresh[PATH_CAP];
    if (prepared_path(path, pid, fresh))
        unlink(fresh);
}

struct positions *positions_open(const char *path) {
    return positions_new(path, map_path(path), -1);
}

/* Drops mappings that were replaced long enough ago for every reader to have left. */
static void drop_retired(struct mapping *m, uint64_t now) {
    while (m && m->older) {
        struct mapping *old = m->older;
        if (old->retired_ms + RETIRED_KEEP_MS < now) {
            m->older = old->older;
            unmap(old);
        } else {
            m = old;
        }
    }
}

bool positions_remap(struct positions *p) {
    pthread_mutex_lock(&p->remap);
    struct mapping *was = atomic_load(&p->current);
    struct mapping *m = replaced(was, p->path) ? map_path(p->path) : NULL;
    if (m) {
        uint64_t now = clock_mono_ms();
        m->older = was;
        if (was)
            was->retired_ms = now;
        drop_retired(m, now);
        atomic_store(&p->current, m);
    }
    pthread_mutex_unlock(&p->remap);
    return m != NULL;
}

void positions_close(struct positions *p) {
    if (!p)
        return;
    for (struct mapping *m = atomic_load(&p->current); m;) {
        struct mapping *older = m->older;
        unmap(m);
        m = older;
    }
    pthread_mutex_destroy(&p->remap);
    if (p->prepared)
        unlink(p->prepared);
    if (p->held >= 0)
        close(p->held);
    x_free(p->prepared);
    x_free(p->path);
    x_free(p);
}
