/* listen.c - making and retiring a listening Unix socket. See listen.h. Called by server.c. */
#include "config.h"

#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static ino_t bound; /* inode of the path that listen_open made */

static bool address_set(struct sockaddr_un *sun, const char *path, struct err *e) {
    memset(sun, 0, sizeof *sun);
    sun->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof sun->sun_path)
        return err_set(e, ERR_INVALID_REQUEST, "the socket's path is too long");
    memcpy(sun->sun_path, path, strlen(path));
    return true;
}

/* Only a socket that nobody answers on is removed: never a file, never a running program's. */
static bool clear_stale(const struct sockaddr_un *sun, struct err *e) {
    struct stat st;
    if (lstat(sun->sun_path, &st) != 0)
        return true;
    if (!S_ISSOCK(st.st_mode))
        return err_set(e, ERR_INVALID_REQUEST, "there is a file that is no socket");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool served = fd >= 0 && connect(fd, (const struct sockaddr *)sun, sizeof *sun) == 0;
    close(fd);
    if (served)
        return err_set(e, ERR_INVALID_REQUEST, "another program serves this socket");
    return unlink(sun->sun_path) == 0 || err_set(e, ERR_INVALID_REQUEST, "%s", strerror(errno));
}

int listen_open(const char *path, int mode, struct err *e) {
    struct sockaddr_un sun;
    struct stat st;
    if (!address_set(&sun, path, e) || !clear_stale(&sun, e))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t old = umask(0777 & ~(mode_t)mode);
    int rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&sun, sizeof sun);
    umask(old);
    if (rc != 0 || listen(fd, BACKLOG) != 0 || lstat(path, &st) != 0) {
        (void)err_set(e, ERR_INVALID_REQUEST, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    bound = st.st_ino;
    return fd;
}

void listen_retire(int fd, const char *path) {
    struct stat st;
    if (lstat(path, &st) == 0 && st.st_ino == bound)
        unlink(path);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}
