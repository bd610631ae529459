// expected.mjs - which message an event must be, on which channels, and what it must say: SPEC.md
// sections 4 and 5.1 written down a second time. Used by the checkers of the fault and soak runs;
// shares no code with the sidecar.

const MESSAGE_OF = {
    'reservation.created': ['new_reservation', 'reservation'],
    'reservation.updated': ['reservation_update', 'reservation'],
    'reservation.upcoming': ['upcoming_reservation', 'reservation'],
    'booking.created': ['new_reservation', 'reservation'],
    'booking.updated': ['reservation_update', 'reservation'],
    'booking.upcoming': ['upcoming_reservation', 'reservation'],
    'order.created': ['order_created', 'order'],
    'notification.created': ['notification', 'notification'],
    'notification.updated': ['notification', 'notification'],
    'service_request.created': ['notification', 'notification'],
    'service_request.updated': ['notification', 'notification'],
};

// [type, the member that holds the aggregate], or null: nobody is told.
export function messageOf(event) {
    if (event.type.startsWith('table.')) return ['table_update', 'table'];
    if (event.type.startsWith('room.')) return ['room_update', 'room'];
    if (event.type === 'order.updated') {
        const moved = event.data.old && 'order_status' in event.data.old;
        return [moved ? 'order_status_changed' : 'order_update', 'order'];
    }
    return MESSAGE_OF[event.type] ?? null;
}

export function channelsOf(event, kind) {
    const { type, entity, refs } = event;
    const out = [];
    if (/^(reservation|booking)\./.test(type)) out.push(`${kind}_reservations`);
    if (/^(notification|service_request)\./.test(type)) out.push(`${kind}_notifications`);
    if (type.startsWith('table.')) {
        out.push('restaurant_tables', `table:${entity}`);
        for (const floor of [refs.floor, refs.old_floor]) if (floor != null) out.push(`floor:${floor}`);
    }
    if (type.startsWith('order.')) out.push('restaurant_orders', `order:${entity}`);
    if (type.startsWith('room.')) out.push('hotel_rooms');
    return out;
}

export const seqOf = (cursor) => Number(/^[0-9a-f]{8}v\d+-(\d+)$/.exec(cursor)?.[1] ?? NaN);
