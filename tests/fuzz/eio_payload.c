/* eio_payload.c - fuzzes what takes Engine.IO's payloads apart: the packets it takes must be the
 * same when they are put together and taken apart again. */
#include "config.h"

#include "base/mem.h"
#include "link/engineio_payload.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_again(struct str *out, const struct eio_packet *k) {
    struct str packet = STR_INIT;
    if (!k->binary)
        str_putc(&packet, (char)('0' + (int)k->type));
    str_put(&packet, k->text, k->len);
    eio_payload_put(out, packet.p, packet.len, k->binary);
    str_free(&packet);
}

static enum eio_step take_all(char *text, size_t len, struct str *out) {
    struct eio_payload p;
    struct eio_packet k;
    enum eio_step step;
    eio_payload_begin(&p, text, len);
    while ((step = eio_payload_next(&p, &k)) == EIO_STEP_PACKET) {
        require(k.text >= text && k.text + k.len <= text + len && k.text[k.len] == '\0');
        put_again(out, &k);
    }
    return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str once = STR_INIT, twice = STR_INIT;
    char *text = x_alloc(size + 1); /* of its own, so that a step beyond is seen */
    if (size)
        memcpy(text, data, size);
    take_all(text, size, &once);
    if (once.len) { /* what came before something bad is good by itself */
        char *copy = x_strdup(once.p);
        if (strlen(copy) == once.len) {
            require(take_all(copy, once.len, &twice) == EIO_STEP_END);
            require(twice.len == once.len && memcmp(twice.p, once.p, once.len) == 0);
        }
        x_free(copy);
    }
    str_free(&once);
    str_free(&twice);
    x_free(text);
    return 0;
}
