/* sio_packet.c - fuzzes the parser of Socket.IO packets: what it takes must mean the same when
 * written again. */
#include "config.h"

#include "base/mem.h"
#include "proto/socketio_packet.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct sio_packet *p) {
    struct str ns = STR_INIT, text = STR_INIT;
    struct sio_packet q;
    str_put(&ns, p->ns, p->ns_len);
    if (strlen(ns.p) == p->ns_len) {
        sio_packet_head(&text, p->type, p->attachments, ns.p, p->id);
        str_put(&text, p->payload, p->payload_len);
        require(sio_packet_parse(text.p, text.len, &q));
        require(q.type == p->type && q.attachments == p->attachments && q.id == p->id);
        require(q.ns_len == p->ns_len && memcmp(q.ns, p->ns, p->ns_len) == 0);
        require(q.payload_len == p->payload_len &&
                memcmp(q.payload, p->payload, p->payload_len) == 0);
        sio_packet_free(&q);
    }
    str_free(&ns);
    str_free(&text);
}

static void visit(const struct json *v, const struct sio_packet *p) {
    if (p->attachments)
        require(sio_placeholder(v) < p->attachments);
    if (json_type_of(v) == JSON_ARRAY)
        for (size_t i = 0; i < json_length(v); i++)
            visit(json_at(v, i), p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_packet p;
    char *text = x_alloc(size + 1); /* of its own, so that a step beyond is seen */
    if (size)
        memcpy(text, data, size);
    if (sio_packet_parse(text, size, &p)) {
        visit(p.json, &p);
        again(&p);
        sio_packet_free(&p);
    }
    x_free(text);
    return 0;
}
