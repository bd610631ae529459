/* channels.h - the language of /ws (SPEC 5.1): subscribe to channels, hear their messages. */
#ifndef PROTO_CHANNELS_H
#define PROTO_CHANNELS_H

#include "core/proto.h"

extern const struct proto channels_proto;

#endif
