/* hello_fcgi.c - the least that a FastCGI program can cost: each request is answered from memory.
 *
 *   hello_fcgi SOCKET THREADS BYTES
 * listens on the unix socket, takes requests on THREADS threads as the REST programs do (libfcgi,
 * each thread its own accept), and answers 200 with BYTES bytes of text. Ends at SIGTERM. The floor
 * of tests/bench/rest.mjs; shares no code with what is measured.
 */
#include "config.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int listener;
static char head[256], *body;
static int head_len, body_len;

static void *serve(void *arg) {
    FCGX_Request request;
    (void)arg;
    if (FCGX_InitRequest(&request, listener, 0) != 0)
        exit(1);
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutStr(head, head_len, request.out);
        FCGX_PutStr(body, body_len, request.out);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 4 || FCGX_Init() != 0)
        return 2;
    int threads = atoi(argv[2]);
    body_len = atoi(argv[3]);
    body = malloc((size_t)body_len);
    if (!body || (listener = FCGX_OpenSocket(argv[1], 1024)) < 0)
        return 1;
    memset(body, 'x', (size_t)body_len);
    head_len = snprintf(head, sizeof head,
                        "Status: 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: %d\r\n\r\n",
                        body_len);
    signal(SIGTERM, SIG_DFL);
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, NULL) != 0)
            return 1;
    }
    serve(NULL);
    return 0;
}
