// The messages of the channels (docs/ws.md), by the kinds of channel that carry them: a channel's kind is its
// name without the id ("table:12": "table"). An EventSource has to name what it listens to, and tabs that share
// a connection get what their own channels carry.

const CARRIED_BY = {
  stats_update: ["restaurant_stats", "hotel_stats"],
  metrics_update: ["restaurant_metrics", "hotel_metrics"],
  room_availability_update: ["hotel_stats", "hotel_rooms"],
  new_reservation: ["restaurant_reservations", "hotel_reservations"],
  reservation_update: ["restaurant_reservations", "hotel_reservations"],
  upcoming_reservation: ["restaurant_reservations", "hotel_reservations"],
  notification: ["restaurant_notifications", "hotel_notifications"],
  table_update: ["restaurant_tables", "floor", "table"],
  order_created: ["restaurant_orders", "hotel_orders", "order"],
  order_status_changed: ["restaurant_orders", "hotel_orders", "order"],
  order_update: ["restaurant_orders", "hotel_orders", "order"],
  room_update: ["hotel_rooms"],
  menu_item_update: ["restaurant_menu", "hotel_menu"],
  menu_category_update: ["restaurant_menu", "hotel_menu"],
};

// Figures: each replaces the one before it, and none of them was missed.
export const FIGURES = new Set(["stats_update", "metrics_update", "room_availability_update"]);

export const TYPES = Object.keys(CARRIED_BY);

export const kindOf = (channel) => channel.split(":")[0];

// Does one of these channels carry such a message? A snapshot names its channel; what is unknown here is for all.
export function carries(channels, message) {
  if (message.type === "snapshot") return channels.includes(message.channel);
  const kinds = CARRIED_BY[message.type];
  return !kinds || channels.some((channel) => kinds.includes(kindOf(channel)));
}
