/* channels.h - the language of /ws (SPEC 5.1): subscribe to channels, hear their messages; and of
 * /events and /poll, which name their channels in the URL (SPEC 5.6). */
#ifndef PROTO_CHANNELS_H
#define PROTO_CHANNELS_H

#include "core/proto.h"

extern const struct proto channels_proto, channels_stream_proto, channels_poll_proto;

#endif
