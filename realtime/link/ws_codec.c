/* ws_codec.c - wslay driven from memory. Called by ws.c; owns a pool of at most POOL_MAX contexts.
 *
 * wslay buffers nothing here (no_buffering): chunks go straight into the codec's one message buffer,
 * so a message of 65,536 fragments costs one buffer and not 65,536. It does not say where frames end
 * in what it was fed, so that is counted from the header callback: sizes are minimal (section 5.2,
 * wslay refuses others), hence the header's length follows from the payload's.
 */
#include "config.h"

#include "link/ws_codec.h"

#include "base/mem.h"

#include <string.h>

#include <wslay/wslay.h>

#define POOL_MAX    16
#define KEEP_MAX    16384 /* message buffers larger than this do not stay in the pool */
#define MASK_LEN    4
#define REASON_MAX  123
#define CONTROL_MAX 125
#define CODE_NONE   WSLAY_CODE_NO_STATUS_RCVD

struct codec {
    wslay_event_context_ptr ctx;
    struct codec_pool *pool;
    struct codec *next;
    void *owner;
    const uint8_t *in; /* what codec_feed was given and wslay has not yet taken */
    size_t in_len;
    uint64_t fed, done; /* bytes given to wslay; bytes of frames that are complete */
    uint64_t frame_len; /* of the frame being read */
    uint8_t opcode;     /* of the frame being read */
    bool control, fin, open, binary, deflated, broken;
    size_t message_max;
    unsigned fragments;
    int refused; /* close code that we decided on ourselves; 0: none */
    int heard;   /* close code of the peer; 0: no close frame yet */
    struct str message, reply;
};

struct codec_pool {
    struct codec_sink sink;
    struct codec *free;
    unsigned nfree;
};

const uint8_t codec_ping_frame[2] = {0x89, 0x00};

/* What comes compressed may be longer than what it stands for: incompressible data grows a little. */
static size_t wire_max(const struct codec *c) {
    return c->deflated ? c->message_max + c->message_max / 256 + 64 : c->message_max;
}

void codec_refuse(struct codec *c, int code) {
    if (!c->refused)
        c->refused = code;
    wslay_event_shutdown_read(c->ctx);
}

/* wslay's callbacks */

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags,
                       void *user) {
    (void)flags;
    struct codec *c = user;
    size_t n = c->in_len < len ? c->in_len : len;
    if (!n) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buf, c->in, n);
    c->in += n;
    c->in_len -= n;
    c->fed += n;
    return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
                       void *user) {
    (void)ctx;
    (void)flags;
    struct codec *c = user;
    str_put(&c->reply, data, len);
    return (ssize_t)len;
}

static uint64_t frame_size(uint64_t payload) {
    uint64_t head = payload < 126 ? 2 : payload <= 0xFFFF ? 4 : 10;
    return head + MASK_LEN + payload;
}

static void message_begin(struct codec *c, const struct wslay_event_on_frame_recv_start_arg *a) {
    c->open = true;
    c->binary = a->opcode == WSLAY_BINARY_FRAME;
    c->deflated = a->rsv & WSLAY_RSV1_BIT;
    c->fragments = 0;
    str_clear(&c->message);
}

static void on_frame_start(wslay_event_context_ptr ctx,
                           const struct wslay_event_on_frame_recv_start_arg *a, void *user) {
    (void)ctx;
    struct codec *c = user;
    c->opcode = a->opcode;
    c->control = a->opcode & 0x8;
    c->fin = a->fin;
    c->frame_len = frame_size(a->payload_length);
    if (c->control)
        return;
    if (a->opcode != WSLAY_CONTINUATION_FRAME)
        message_begin(c, a);
    /* Empty fragments cost no bytes, so they are counted as if they had one each. */
    if (c->message.len + a->payload_length > wire_max(c) || ++c->fragments > wire_max(c))
        codec_refuse(c, WSLAY_CODE_MESSAGE_TOO_BIG);
}

static void on_frame_chunk(wslay_event_context_ptr ctx,
                           const struct wslay_event_on_frame_recv_chunk_arg *a, void *user) {
    (void)ctx;
    struct codec *c = user;
    if (!c->control && !c->refused)
        str_put(&c->message, a->data, a->data_length);
}

static void on_frame_end(wslay_event_context_ptr ctx, void *user) {
    (void)ctx;
    struct codec *c = user;
    c->done += c->frame_len;
    if (!c->control && c->fin)
        c->open = false;
}

static void close_heard(struct codec *c, const struct wslay_event_on_msg_recv_arg *a) {
    /* One byte can't be a code (section 5.5.1): wslay lets it pass as none. */
    if (a->msg_length == 1)
        codec_refuse(c, WSLAY_CODE_PROTOCOL_ERROR);
    else
        c->heard = a->msg_length ? a->status_code : CODE_NONE;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *a,
                       void *user) {
    (void)ctx;
    struct codec *c = user;
    if (c->refused)
        return;
    if (a->opcode == WSLAY_CONNECTION_CLOSE) {
        close_heard(c, a);
    } else if (a->opcode == WSLAY_PING) {
        c->pool->sink.ping(c->owner, a->msg, a->msg_length);
    } else if (a->opcode == WSLAY_TEXT_FRAME || a->opcode == WSLAY_BINARY_FRAME) {
        str_put(&c->message, "", 0);
        struct codec_message m = {c->message.p, c->message.len, c->binary, c->deflated};
        c->pool->sink.message(c->owner, &m);
    }
}

/* the pool */

static struct codec *codec_new(struct codec_pool *p) {
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_frame_recv_start_callback = on_frame_start,
        .on_frame_recv_chunk_callback = on_frame_chunk,
        .on_frame_recv_end_callback = on_frame_end,
        .on_msg_recv_callback = on_message,
    };
    struct codec *c = x_new(struct codec);
    c->pool = p;
    require(wslay_event_context_server_init(&c->ctx, &callbacks, c) == 0);
    wslay_event_config_set_no_buffering(c->ctx, 1);
    return c;
}

static void codec_free(struct codec *c) {
    wslay_event_context_free(c->ctx);
    str_free(&c->message);
    str_free(&c->reply);
    x_free(c);
}

struct codec_pool *codec_pool_new(const struct codec_sink *sink) {
    struct codec_pool *p = x_new(struct codec_pool);
    p->sink = *sink;
    return p;
}

void codec_pool_free(struct codec_pool *p) {
    if (!p)
        return;
    while (p->free) {
        struct codec *c = p->free;
        p->free = c->next;
        codec_free(c);
    }
    x_free(p);
}

struct codec *codec_take(struct codec_pool *p, void *owner, size_t message_max, bool deflate) {
    struct codec *c = p->free;
    if (c) {
        p->free = c->next;
        p->nfree--;
    } else {
        c = codec_new(p);
    }
    c->owner = owner;
    c->message_max = message_max;
    wslay_event_config_set_allowed_rsv_bits(c->ctx, deflate ? WSLAY_RSV1_BIT : WSLAY_RSV_NONE);
    return c;
}

static enum codec_state codec_state(const struct codec *c) {
    if (c->broken || c->refused)
        return CODEC_FAILED;
    if (c->heard)
        return CODEC_CLOSED;
    return c->fed == c->done && !c->open ? CODEC_IDLE : CODEC_INSIDE;
}

void codec_give(struct codec *c) {
    struct codec_pool *p = c->pool;
    if (codec_state(c) != CODEC_IDLE || p->nfree == POOL_MAX) {
        codec_free(c);
        return;
    }
    if (c->message.cap > KEEP_MAX)
        str_free(&c->message);
    c->next = p->free;
    p->free = c;
    p->nfree++;
}

/* reading */

/* Of what wslay has written only the close frame counts; it is the last. Returns its code. */
static int reply_close(struct codec *c) {
    const uint8_t *p = (const uint8_t *)str_c(&c->reply);
    size_t at = 0;
    while (at < c->reply.len && (p[at] & 0x0F) != WSLAY_CONNECTION_CLOSE)
        at += 2u + (p[at + 1] & 0x7F);
    if (at >= c->reply.len)
        return WSLAY_CODE_PROTOCOL_ERROR;
    c->reply.len -= at;
    memmove(c->reply.p, c->reply.p + at, c->reply.len + 1);
    p = (const uint8_t *)c->reply.p;
    return (p[1] & 0x7F) >= 2 ? p[2] << 8 | p[3] : WSLAY_CODE_PROTOCOL_ERROR;
}

/* wslay's own close, if any, gives way to ours. */
static void reply_ours(struct codec *c, int code) {
    uint8_t frame[128];
    size_t n = codec_close_frame(frame, code, "");
    str_clear(&c->reply);
    str_put(&c->reply, frame, n);
}

enum codec_state codec_feed(struct codec *c, const void *bytes, size_t len,
                            const struct str **reply, int *code) {
    str_clear(&c->reply);
    c->in = bytes;
    c->in_len = len;
    int r = wslay_event_recv(c->ctx);
    if (wslay_event_want_write(c->ctx))
        require(wslay_event_send(c->ctx) == 0);
    if (r != 0 || (!wslay_event_get_read_enabled(c->ctx) && !c->heard && !c->refused))
        c->broken = true;
    if (c->refused)
        reply_ours(c, c->refused);
    else if (r != 0)
        reply_ours(c, WSLAY_CODE_PROTOCOL_ERROR);
    enum codec_state state = codec_state(c);
    int sent = reply_close(c);
    *reply = &c->reply;
    *code = state == CODEC_CLOSED ? c->heard : sent;
    return state;
}

/* writing */

size_t codec_header(uint8_t out[10], bool binary, bool deflated, size_t len) {
    out[0] = (uint8_t)(0x80 | (deflated ? 0x40 : 0) | (binary ? 0x2 : 0x1));
    if (len < 126) {
        out[1] = (uint8_t)len;
        return 2;
    }
    size_t n = len <= 0xFFFF ? 2 : 8;
    out[1] = n == 2 ? 126 : 127;
    for (size_t i = 0; i < n; i++)
        out[2 + i] = (uint8_t)((uint64_t)len >> 8 * (n - 1 - i));
    return 2 + n;
}

size_t codec_pong_frame(uint8_t out[128], const uint8_t *payload, size_t len) {
    require(len <= CONTROL_MAX);
    out[0] = 0x8A;
    out[1] = (uint8_t)len;
    if (len)
        memcpy(out + 2, payload, len);
    return 2 + len;
}

size_t codec_close_frame(uint8_t out[128], int code, const char *reason) {
    size_t n = strnlen(reason, REASON_MAX);
    out[0] = 0x88;
    out[1] = 0;
    if (code == WSLAY_CODE_NO_STATUS_RCVD)
        return 2;
    out[1] = (uint8_t)(2 + n);
    out[2] = (uint8_t)(code >> 8);
    out[3] = (uint8_t)code;
    memcpy(out + 4, reason, n);
    return 4 + n;
}
